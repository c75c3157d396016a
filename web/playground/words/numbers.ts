// Numbers for people. Amounts stay text and bigint all the way: a float would lose their last digits.

const GROUP = /\B(?=(\d{3})+(?!\d))/g;
/** A thin space, which does not break. */
const THIN = '\u202f';

/** Writes smallest units as whole tokens, without needless zeros. */
export function fromUnits(units: string | bigint, decimals: number): string {
  const digits = String(units).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** Sets thin spaces between groups of three digits, and drops a fraction of zeros. All digits stay. */
export function exact(text: string): string {
  const [whole = '', fraction = ''] = text.split('.');
  const grouped = whole.replace(GROUP, THIN);
  const kept = fraction.replace(/0+$/, '');
  return kept === '' ? grouped : `${grouped}.${kept}`;
}

/** As `exact`, cut to `digits` significant digits of the fraction; an ellipsis says that more follow. One digit more needs no more room. */
export function short(text: string, digits = 8): string {
  const [whole = '', fraction = ''] = text.split('.');
  const kept = fraction.replace(/0+$/, '');
  const zeros = /^0*/.exec(kept)?.[0].length ?? 0;
  const room = whole === '0' ? zeros + digits : Math.max(2, digits - whole.length);
  if (kept.length <= room + 1) return exact(text);
  return `${exact(`${whole}.${kept.slice(0, room)}`)}…`;
}

/** Cuts to `digits` significant digits, without a sign that more follow: for pictures, whose exact numbers stand in a table. */
export const brief = (text: string, digits = 6) => short(text, digits).replace('…', '');

/** Writes parts per million as per cent. */
export function percent(ppm: number, most = 4): string {
  const text = (ppm / 10_000).toFixed(most);
  return `${text.includes('.') ? text.replace(/\.?0+$/, '') : text}${THIN}%`;
}

/** Writes a number that is only drawn or pointed at, never traded on. */
export function rough(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-9)) return value.toExponential(2);
  const fraction = size >= 1000 ? 0 : size >= 1 ? 3 : 9;
  return exact(value.toFixed(fraction));
}
