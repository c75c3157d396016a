// Rust source without what is no code of the crate: comments, texts, and modules for tests.

/** Blanks out comments and texts, so that a path in one is no use. */
export function codeOf(source) {
  const literal = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|\b[bc]?r(#*)"[\s\S]*?"\1|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\\n]|\\(?:u\{[^}]*\}|x[0-9a-fA-F]{2}|.))'/g;
  return source.replace(literal, ' ');
}

const FOR_TESTS = /#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?/g;

/** Leaves out every item that is compiled for tests only; expects what `codeOf` gives. */
export function withoutTests(code) {
  let kept = '';
  let from = 0;
  for (const { index, 0: { length } } of code.matchAll(FOR_TESTS)) {
    if (index < from) continue;
    kept += code.slice(from, index);
    from = endOfItem(code, index + length);
  }
  return kept + code.slice(from);
}

/** Where the item that starts here ends: at its semicolon, or behind its braces. */
function endOfItem(code, start) {
  let depth = 0;
  for (let at = start; at < code.length; at += 1) {
    if (code[at] === ';' && depth === 0) return at + 1;
    if (code[at] === '{') depth += 1;
    if (code[at] === '}' && (depth -= 1) === 0) return at + 1;
  }
  return code.length;
}

/** Takes `use` declarations apart: `{ shared, path, name }` of each leaf; `name` is what it is called here. */
export function usesOf(code) {
  return [...code.matchAll(/(?:\b(pub)(?:\([^)]*\))?\s+)?\buse\s+([^;]+);/g)].flatMap(([, shared, tree]) =>
    leaves(tree).map(({ path, name }) => ({ shared: shared !== undefined, path, name })),
  );
}

function leaves(tree) {
  const group = tree.match(/^\s*((?:\w+\s*::\s*)*)\{([\s\S]*)\}\s*$/);
  if (group) {
    const before = segments(group[1]);
    return split(group[2]).flatMap(leaves).map(({ path, name }) => {
      const whole = path.at(-1) === 'self' ? path.slice(0, -1) : path;
      return { path: [...before, ...whole], name: name === 'self' ? before.at(-1) : name };
    });
  }
  const [path, alias] = tree.trim().split(/\s+as\s+/);
  return [{ path: segments(path), name: alias ?? segments(path).at(-1) }];
}

const segments = (path) => path.split('::').map((one) => one.trim()).filter((one) => one !== '');

/** Parts of a group, at the commas that stand in no group within it. */
function split(group) {
  const parts = [''];
  let depth = 0;
  for (const sign of group) {
    if (sign === '{') depth += 1;
    if (sign === '}') depth -= 1;
    if (sign === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += sign;
  }
  return parts.filter((part) => part.trim() !== '');
}

/** Paths that stand in the code itself, outside `use`. */
export function pathsOf(code) {
  const rest = code.replace(/\buse\s+[^;]+;/g, ' ');
  return [...rest.matchAll(/(?<![\w:])\w+(?:\s*::\s*\w+)+/g)].map(([path]) => segments(path));
}
