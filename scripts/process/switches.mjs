// Switches in the environment: on or off, and nothing that is taken for off though it was meant as on.
import { Unusable } from '../terminal/steps.mjs';

const ON = ['1', 'true', 'yes', 'on'];
const OFF = ['', '0', 'false', 'no', 'off'];

/** Whether a variable is set to something that means on. */
export function isOn(name, env = process.env) {
  const text = (env[name] ?? '').trim().toLowerCase();
  if (ON.includes(text)) return true;
  if (OFF.includes(text)) return false;
  throw new Unusable(`${name} is "${env[name]}": 1 turns it on, 0 or nothing off.`);
}
