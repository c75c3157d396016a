import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { circlesOf, roomsOf } from './circles.mjs';
import { jsFilesOf } from './js-files.mjs';
import { filesOf } from './rust-files.mjs';

/** Writes these files and gives the circles among them. */
function circles(t, files, graphOf) {
  const folder = mkdtempSync(join(tmpdir(), 'layout-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const graph = graphOf(Object.keys(files).map((name) => join(folder, name)));
  return circlesOf(graph).map((circle) => circle.map((file) => relative(folder, file)));
}

const rust = (t, files) => circles(t, files, ([first]) => filesOf(first));

test('two files that use each other are a circle, whichever way the path is written', (t) => {
  for (const back of ['use super::a::A;', 'use crate::room::{other::X, a::A};', 'fn f() { super::a::g() }', 'use super::A;']) {
    const files = { 'lib.rs': 'mod room;', 'room/mod.rs': 'mod a;\nmod b;\npub use a::A;', 'room/a.rs': 'use super::b::B;\npub struct A;', 'room/b.rs': back };
    assert.deepEqual(rust(t, files), [['room/a.rs', 'room/b.rs']], back);
  }
});

test('a room that declares its files and shows what is in them is no circle, one that uses them is', (t) => {
  const files = (used) => ({ 'lib.rs': 'mod room;', 'room/mod.rs': `pub(crate) mod a;\npub use a::A;\n${used}\npub struct Here;`, 'room/a.rs': 'use super::Here;\npub struct A;' });
  assert.deepEqual(rust(t, files('')), []);
  assert.deepEqual(rust(t, files('use a::g;')), [['room/a.rs', 'room/mod.rs']]);
  assert.deepEqual(rust(t, files('fn f() { a::g() }')), [['room/a.rs', 'room/mod.rs']]);
});

test('a circle of three is seen, and named once', (t) => {
  const files = { 'main.rs': 'mod a; mod b; mod c; fn main() { a::f() }', 'a.rs': 'use crate::b;', 'b.rs': 'use crate::c as see;', 'c.rs': 'fn f() { crate::a::g() }' };
  assert.deepEqual(rust(t, files), [['a.rs', 'b.rs', 'c.rs']]);
});

test('comments, texts and tests use nothing', (t) => {
  const quiet = '// use super::a::A;\n/* crate::a::f() */\nconst X: &str = "use crate::a::A;";\nconst Y: &str = r#"crate::a::f()"#;\nconst Z: char = \'"\';\n#[cfg(test)]\nmod tests {\n    use super::super::a::A;\n}\n#[cfg(test)]\nuse crate::a::A;\n';
  const files = (b) => ({ 'lib.rs': 'mod a; mod b;', 'a.rs': 'use crate::b::B;', 'b.rs': b });
  assert.deepEqual(rust(t, files(quiet)), []);
  assert.deepEqual(rust(t, files(`${quiet}fn f() { crate::a::g() }`)), [['a.rs', 'b.rs']]);
});

test('modules of JavaScript that import each other are a circle, types alone are none', (t) => {
  const js = (files) => circles(t, files, jsFilesOf);
  assert.deepEqual(js({ 'a.mjs': "import { b } from './b.mjs';", 'b.mjs': "export { a } from './a.mjs';" }), [['a.mjs', 'b.mjs']]);
  assert.deepEqual(js({ 'a.ts': "import {\n  b,\n} from './b';", 'b.ts': "import './a';" }), [['a.ts', 'b.ts']]);
  assert.deepEqual(js({ 'a.ts': "import { b } from './b';", 'b.ts': "import type { A } from './a';" }), []);
});

test('rooms that use each other are a circle though none of their files is in one', () => {
  const graph = new Map([['a/1', new Set(['b/1'])], ['b/1', new Set()], ['b/2', new Set(['a/1'])], ['c', new Set(['a/1', 'b/2'])]]);
  assert.deepEqual(circlesOf(graph), []);
  assert.deepEqual(circlesOf(roomsOf(graph, (file) => file.split('/')[0])), [['a', 'b']]);
});
