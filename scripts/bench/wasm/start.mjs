// How long a package takes until it can be used, in a process that has loaded nothing yet.
const before = performance.now();
const { QuoteEngine, tickIndexToSqrtPrice } = await import(process.argv[2]);
if (QuoteEngine === undefined) tickIndexToSqrtPrice(64);
else QuoteEngine.fromSnapshot('{"format":"dlmm-snapshot/1","taken_at":"","tokens":{},"pools":[]}');
console.log((performance.now() - before) * 1e6);
