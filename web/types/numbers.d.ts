/** A whole number of smallest units, as a string of digits: `"100000000"` is 1 BTC. */
export type Units = string;

/** A decimal number as a string, with every digit: `"99900.0"`. Amounts of whole tokens, and prices. */
export type Decimal = string;

/** An amount in whole tokens. A number must be one that a float keeps: a whole number or at most 15 digits. */
export type Amount = string | number | bigint;
