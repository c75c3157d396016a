// Measured numbers against the committed ones.

/** How far a number may move before somebody has to say so, as a part of it. */
export const TOLERANCE = { sizes: 0.03, counts: 0.02 };

/**
 * Lists what moved too far, in either direction: a gain that is not written down could be lost again unseen.
 *
 * @param {Record<string, number>} committed
 * @param {Record<string, number>} measured
 * @param {number} tolerance
 */
export function movedTooFar(committed, measured, tolerance) {
  const names = [...new Set([...Object.keys(committed), ...Object.keys(measured)])].sort();
  return names.flatMap((name) => {
    const [before, now] = [committed[name], measured[name]];
    if (before === undefined) return [`${name}: ${now}, not in the file`];
    if (now === undefined) return [`${name}: in the file, but not measured`];
    if (Math.abs(now - before) <= tolerance * before) return [];
    const moved = now / before - 1;
    return [`${name}: ${before} in the file, now ${now} (${moved > 0 ? '+' : ''}${(100 * moved).toFixed(1)} %)`];
  });
}
