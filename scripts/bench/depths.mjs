/** How many bins the measured swaps go through. */
export const DEPTHS = [1, 10, 50, 100, 350];

/** Nanoseconds that one more bin costs, by the longest swap and a short one. */
export const perBin = (ns) => (ns[350] - ns[10]) / 340;
