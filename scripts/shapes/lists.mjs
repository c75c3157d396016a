// The lists of docs/openapi.json that follow from its schemas: which errors and warnings there are, and which errors a status has.

const GAP = ' '.repeat(10);
const REFERENCE = '#/components/schemas/';

/** The text of the description with these lists written anew. */
export function withLists(text) {
  const { schemas } = JSON.parse(text).components;
  const codeOf = (name) => schemas[name].properties.code.const;
  const errors = Object.keys(schemas).filter((name) => schemas[name]['x-status'] !== undefined);
  const warnings = Object.keys(schemas).filter((name) => /.Warning$/.test(name));
  const byCode = Object.fromEntries(errors.map((name) => [codeOf(name), schemas[name]]));
  const ofStatus = (status) => errors.filter((name) => schemas[name]['x-status'] === status).map(codeOf);
  const ofSameStatus = (list) => ofStatus(byCode[JSON.parse(`[${list}]`)[0]]['x-status']);

  let written = inSchema(text, 'ErrorCode', /"enum": \[[^\]]*\]/, `"enum": ${list(errors.map((name) => `"${codeOf(name)}"`), GAP)}`);
  written = union(written, 'Error', errors, codeOf, `${GAP}  `);
  written = union(written, 'Warning', warnings, codeOf, GAP.slice(2));
  // The errors of one status, in each response that has some of them.
  written = written.replaceAll(/"properties": \{\s*"error": \{\s*"properties": \{ "code": \{ "enum": \[([^\]]*)\] \} \} \}\s*\}/g, (_, codes) => {
    const known = ofSameStatus(codes).map((code) => `"${code}"`).join(', ');
    return `"properties": { "error": { "properties": { "code": { "enum": [${known}] } } } }`;
  });
  return written.replaceAll(/(\n {6}"\w+": \{\n {8}"description": )"`([A-Z_]+)`: .*"/g, (_, head, first) => {
    const sentences = ofSameStatus(`"${first}"`).map((code) => `\`${code}\`: ${firstSentence(byCode[code])}`);
    return `${head}${JSON.stringify(sentences.join(' '))}`;
  });
}

const firstSentence = ({ description }) => withoutStatus(description).match(/^.*?\.(?= |$)/)[0];

/** What an error's description says of it beside its status. */
export const withoutStatus = (description) => description.replace(/^Status \d+\. /, '');

function list(items, gap) {
  return `[\n${items.map((item) => `${gap}${item}`).join(',\n')}\n${gap.slice(2)}]`;
}

/** One of several, told apart by `code`. */
function union(text, schema, names, codeOf, gap) {
  const variants = `"oneOf": ${list(names.map((name) => `{ "$ref": "${REFERENCE}${name}" }`), `${gap}  `)}`;
  const mapping = names.map((name) => `${gap}    "${codeOf(name)}": "${REFERENCE}${name}"`).join(',\n');
  const chosen = inSchema(text, schema, /"oneOf": \[[^\]]*\]/, variants);
  return inSchema(chosen, schema, /"mapping": \{[^}]*\}/, `"mapping": {\n${mapping}\n${gap}  }`);
}

/** Replaces the first match in a schema. */
function inSchema(text, name, pattern, replacement) {
  const from = text.indexOf(`\n      "${name}": {`);
  const [found] = text.slice(from).match(pattern);
  const at = text.indexOf(found, from);
  return text.slice(0, at) + replacement + text.slice(at + found.length);
}
