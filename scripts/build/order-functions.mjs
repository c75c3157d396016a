// Puts functions of a wasm file that are alike next to each other, where gzip finds what repeats.
//
// gzip looks back 32 kB, which is a tenth of the file, and the compiler makes code of one shape for many types far apart.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeModules } from '../paths.mjs';
import { run } from '../process/run.mjs';

const [CUSTOM, IMPORT, CODE] = [0, 2, 10];
const [FUNCTION, TAG] = [0, 4];
const HEADER = 8;
const FUNCTION_NAMES = 1;

/** Bytes of code that make up one piece of what two functions have in common. */
const PIECE = 5;
/** Pieces that are in more functions than this tell nothing. */
const COMMON = 200;
/** Functions in front of a place that what follows there is compared with. */
const BEFORE = 8;

/** Orders the functions of `file`, in place. */
export async function orderFunctions(file, onLine) {
  const wasm = await readFile(file);
  const { imported, bodies } = functionsOf(wasm);
  // wasm-opt renumbers, and goes by names: so each function gets its place for a name.
  const names = new Map(alikeTogether(bodies).map((index, place) => [imported + index, String(place).padStart(6, '0')]));
  await writeFile(file, Buffer.concat([withoutNames(wasm), nameSection(names)]));
  const program = join(nodeModules, 'binaryen', 'bin', 'wasm-opt');
  await run(process.execPath, [program, file, '--reorder-functions-by-name', '--strip-debug', '--output', file], { onLine, label: 'wasm-opt' });
}

/** Gives positions in `bodies`: each is followed by the one that has most in common with it and the few in front of it. */
export function alikeTogether(bodies) {
  const holders = new Map();
  const pieces = bodies.map((body, at) => {
    const own = new Set();
    for (let start = 0; start + PIECE <= body.length; start += 1) own.add(body.toString('latin1', start, start + PIECE));
    for (const piece of own) holders.has(piece) ? holders.get(piece).push(at) : holders.set(piece, [at]);
    return own;
  });
  const telling = pieces.map((own) => [...own].map((piece) => holders.get(piece)).filter(({ length }) => length > 1 && length <= COMMON));
  const sizes = pieces.map(({ size }) => size + 20);
  const left = new Set(bodies.keys());
  const order = [];
  const bySize = [...bodies.keys()].sort((a, b) => bodies[b].length - bodies[a].length || a - b);
  while (left.size > 0) {
    const shared = new Float64Array(bodies.length);
    for (const before of order.slice(-BEFORE)) for (const others of telling[before]) for (const other of others) shared[other] += 1;
    let best = bySize.find((at) => left.has(at));
    for (const at of left) if (shared[at] / sizes[at] > shared[best] / sizes[best]) best = at;
    left.delete(best);
    order.push(best);
  }
  return order;
}

/** The bodies of all functions, and how many are imported. */
function functionsOf(wasm) {
  let imported = 0;
  const bodies = [];
  for (const { kind, at, end } of sectionsOf(wasm)) {
    const reader = new Reader(wasm, at);
    if (kind === IMPORT) {
      for (let left = reader.number(); left > 0; left -= 1) {
        reader.skip(reader.number());
        reader.skip(reader.number());
        const what = reader.byte();
        if (what !== FUNCTION && what !== TAG) throw new Error(`only functions and tags are imported by these modules, not ${what}`);
        if (what === TAG) reader.byte();
        else imported += 1;
        reader.number();
      }
    }
    if (kind === CODE) {
      reader.number();
      while (reader.at < end) {
        const length = reader.number();
        bodies.push(wasm.subarray(reader.at, reader.at + length));
        reader.skip(length);
      }
    }
  }
  return { imported, bodies };
}

function* sectionsOf(wasm) {
  const reader = new Reader(wasm, HEADER);
  while (reader.at < wasm.length) {
    const start = reader.at;
    const kind = reader.byte();
    const length = reader.number();
    yield { kind, start, at: reader.at, end: reader.at + length };
    reader.skip(length);
  }
}

function withoutNames(wasm) {
  const isName = ({ kind, at }) => kind === CUSTOM && wasm.toString('latin1', at, at + 5) === '\u0004name';
  const kept = [...sectionsOf(wasm)].filter((section) => !isName(section));
  return Buffer.concat([wasm.subarray(0, HEADER), ...kept.map(({ start, end }) => wasm.subarray(start, end))]);
}

function nameSection(names) {
  const text = (string) => [...number(string.length), ...Buffer.from(string)];
  const entries = [...names].sort(([a], [b]) => a - b).flatMap(([index, name]) => [...number(index), ...text(name)]);
  const map = [...number(names.size), ...entries];
  const content = [...text('name'), FUNCTION_NAMES, ...number(map.length), ...map];
  return Buffer.from([CUSTOM, ...number(content.length), ...content]);
}

/** A number as wasm writes it: seven bits a byte, the lowest first. */
function number(value) {
  const bytes = [];
  do {
    const more = value >= 128;
    bytes.push((value & 127) | (more ? 128 : 0));
    value >>>= 7;
  } while (value > 0);
  return bytes;
}

class Reader {
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  number() {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte >= 128);
    return value;
  }

  skip(length) {
    this.at += length;
  }
}
