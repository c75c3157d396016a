// Numbers beside an axis: short, and as different from each other as the values are.

/** Writes the values of an axis; with as few digits as tell them apart. */
export function axisLabels(values: readonly number[]): string[] {
  const different = new Set(values).size;
  let labels: string[] = [];
  for (let digits = 3; digits <= 9; digits += 1) {
    labels = values.map((value) => axisLabel(value, digits));
    if (new Set(labels).size === different) return labels;
  }
  return labels;
}

const formats = new Map<string, Intl.NumberFormat>();

/** Writes one value with this many significant digits: `0.0005`, `98.5K`; only what is tinier still gets an exponent. */
export function axisLabel(value: number, digits = 3): string {
  const size = Math.abs(value);
  if (size > 0 && size < 1e-6) return value.toExponential(Math.max(0, digits - 2)).replace(/\.?0+e/, 'e');
  const notation = size >= 10_000 ? 'compact' : 'standard';
  const key = `${notation} ${digits}`;
  const format = formats.get(key) ?? new Intl.NumberFormat('en', { notation, maximumSignificantDigits: digits, useGrouping: false });
  formats.set(key, format);
  return format.format(value);
}
