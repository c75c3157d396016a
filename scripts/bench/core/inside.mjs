// The cases of the core inside a wasm module, without any glue. Runs in Node and, from its text, in a page.

/** Prepares a module and gives `measure(index, ms)`: nanoseconds a run and the low half of the answer. */
export async function insideOf(bytes, timed) {
  const { instance } = await WebAssembly.instantiate(bytes, {});
  const { prepare, run } = instance.exports;
  prepare();
  return (index, ms) => {
    // Many runs a call: the clock of a page is coarse, and calls into the module are not what is measured.
    let times = 1;
    while (timed(() => run(index, times), 0).ns < 200_000) times *= 2;
    const { ns, answer } = timed(() => run(index, times), ms);
    return { ns: ns / times, answer: BigInt.asUintN(64, answer) };
  };
}
