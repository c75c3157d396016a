// How a pool is called where there is little room.

/** A contract on Stacks: the address of its deployer, a point, its name. */
const CONTRACT = /^S[0-9A-HJKMNP-TV-Z]{27,41}\.(.+)$/;

/** Gives the name of a pool's contract where its id is a principal: all pools of one deployer begin alike. */
export const poolName = (id: string): string => CONTRACT.exec(id)?.[1] ?? id;

/** Cuts in the middle, since names begin and end with what tells them apart. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - end)}…${text.slice(text.length - end)}`;
}
