const UNITS: [number, string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
];

/** Writes a duration as its largest unit: `3 min`. */
export function duration(ms: number): string {
  for (const [size, name] of UNITS) {
    if (ms >= size) return `${Math.floor(ms / size)} ${name}`;
  }
  return 'less than 1 s';
}

/** Writes how long something took, in milliseconds. */
export function took(ms: number): string {
  if (ms < 0.1) return `${Math.max(1, Math.round(ms * 1000))} µs`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** Writes the moment in the reader's own time. */
export const clock = (at: Date) => at.toLocaleTimeString(undefined, { hour12: false });
