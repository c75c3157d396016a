// What reading costs a quote: a fixed part, and one by the bytes that Redis sends.

/** The straight line nearest to points (bytes, ms). */
export function lineThrough(points) {
  const mean = (of) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [middle, height] = [mean(({ bytes }) => bytes), mean(({ ms }) => ms)];
  const rise = points.reduce((sum, { bytes, ms }) => sum + (bytes - middle) * (ms - height), 0);
  const run = points.reduce((sum, { bytes }) => sum + (bytes - middle) ** 2, 0);
  const msPerByte = rise / run;
  return { fixedMs: height - msPerByte * middle, msPerByte };
}
