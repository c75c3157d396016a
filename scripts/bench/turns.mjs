// Timing that a busy machine disturbs alike for everything compared: short turns, one after the other, many times.

const ROUNDS = 9;

/** The middle of some numbers. */
export const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * Lets runners take turns (A B C, A B C, ...) and gives the median of each by its name.
 *
 * @param {Record<string, () => number | Promise<number>>} runners each gives one measurement
 * @param {number} [rounds]
 */
export async function takeTurns(runners, rounds = ROUNDS) {
  const names = Object.keys(runners);
  const taken = Object.fromEntries(names.map((name) => [name, []]));
  // The first round only warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const measured = await runners[name]();
      if (round > 0) taken[name].push(measured);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(taken[name])]));
}

/** Calls `work` for about `ms` milliseconds; gives nanoseconds a call and the last answer. */
export function timed(work, ms) {
  // What is prepared on first use does not count.
  work();
  for (let runs = 1; ; ) {
    const began = performance.now();
    let answer;
    for (let run = 0; run < runs; run += 1) answer = work();
    const took = performance.now() - began;
    // Shorter ones only tell how many calls it takes.
    if (took * 2 >= ms) return { ns: (took / runs) * 1e6, answer };
    runs *= Math.min(1000, Math.max(2, Math.floor(ms / Math.max(took, 0.001))));
  }
}
