// An amount as people write it, read into the one form that the engine takes: digits, and a point before the fraction.

/** What was read; `note` says how, where that is not plain, and `other` is what else it may have meant. */
export interface Read {
  kind: 'amount';
  amount: string;
  note?: string;
  other?: string;
}

/** What could not be read, and what it may have meant. */
export interface Unread {
  kind: 'unread';
  text: string;
  /** Each a reading that the reader can choose. */
  meant: string[];
}

export type Reading = Read | Unread | { kind: 'empty' };

/** Spaces of all widths, and the apostrophes and underscores that some write between groups. */
const BETWEEN_GROUPS = /[\s\u00a0\u2007\u2009\u202f'’_]/g;
const PLAIN = /^(?:\d+\.?\d*|\.\d+)$/;

/** A point where German and others write one between thousands. */
const POINT_OF_THOUSANDS = /^[1-9]\d{0,2}\.\d{3}$/;

/**
 * Reads an amount: `1.5`, `1,5`, `1,000.50`, `1.000,50`, `1 000`. Where one text has two common readings (`1,500`) it asks,
 * because a guess would be wrong by a factor of a thousand. A point is the mark of this page, so `1.500` is read, with the
 * other reading beside it.
 */
export function readAmount(typed: string): Reading {
  const text = typed.replace(BETWEEN_GROUPS, '');
  if (text === '') return { kind: 'empty' };
  const no = (why: string, ...meant: string[]): Unread => ({ kind: 'unread', text: why, meant });
  if (/^[-−–]/.test(text)) return no('An amount is more than zero.');
  if (/^\d*[.,]?\d*e[+-]?\d*$/i.test(text)) return no('Write the number out, without an e.');
  if (!/^[\d.,]+$/.test(text)) return no('An amount has digits only, and a point before the fraction: 1234.5.');
  if (!/\d/.test(text)) return no('A number is missing here.');
  if (POINT_OF_THOUSANDS.test(text)) {
    const other = text.replace('.', '');
    return { kind: 'amount', amount: text, note: `Read as ${text}, not ${other}.`, other };
  }
  if (!text.includes(',') && PLAIN.test(text)) return { kind: 'amount', amount: tidy(text) };
  const commas = text.split(',').length - 1;
  const points = text.split('.').length - 1;
  if (commas > 0 && points > 0) return mixed(text, commas, points) ?? no('Points and commas stand where none belong. Write it as 1234.5.');
  const mark = commas > 0 ? ',' : '.';
  const groups = text.split(mark);
  if (groups.length > 2) {
    if (!areGroups(groups)) return no(`There are too many ${mark === ',' ? 'commas' : 'points'}. Write it as 1234.5.`);
    return readAs(groups.join(''));
  }
  // One comma from here on.
  const [whole = '', fraction = ''] = groups;
  if (/^[1-9]\d{0,2}$/.test(whole) && fraction.length === 3) {
    const [large, small] = [`${whole}${fraction}`, tidy(`${whole}.${fraction}`)];
    return no(`${text} can be ${large} or ${small}. Which one?`, large, small);
  }
  return readAs(`${whole}.${fraction}`);
}

/** Points and commas: the kind that comes last is the decimal mark, and stands once. */
function mixed(text: string, commas: number, points: number): Read | undefined {
  const decimal = text.lastIndexOf(',') > text.lastIndexOf('.') ? ',' : '.';
  if ((decimal === ',' ? commas : points) !== 1) return undefined;
  const [whole = '', fraction = ''] = text.split(decimal);
  const groups = whole.split(decimal === ',' ? '.' : ',');
  return areGroups(groups) ? readAs(`${groups.join('')}.${fraction}`) : undefined;
}

/** Groups of three, or of two and at last three, as in India. */
function areGroups(groups: string[]): boolean {
  const [first = '', ...rest] = groups;
  const last = rest.at(-1);
  // Nobody groups a number that begins with nothing: 0.000.001 is a slip.
  return /^[1-9]\d{0,2}$/.test(first) && last?.length === 3 && (rest.every(({ length }) => length === 3) || rest.slice(0, -1).every(({ length }) => length === 2));
}

const readAs = (text: string): Read => ({ kind: 'amount', amount: tidy(text), note: `Read as ${tidy(text)}.` });

/** As the engine takes it: a digit before the point, and no point at the end. */
function tidy(text: string): string {
  const [whole = '', fraction = ''] = text.split('.');
  return `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
}
