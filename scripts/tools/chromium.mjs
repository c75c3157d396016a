// A real Chromium for the tests in a browser.
import { findCommand, isExecutable } from '../process/find-command.mjs';
import { ensureProgram } from './system-package.mjs';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_APPLICATIONS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Gives the path of a Chromium, or `undefined`; `CHROMIUM_BIN` names another one. */
export async function chromiumBin() {
  if (process.env.CHROMIUM_BIN) return process.env.CHROMIUM_BIN;
  for (const command of COMMANDS) {
    const found = await findCommand(command);
    if (found !== undefined) return found;
  }
  for (const path of MAC_APPLICATIONS) if (await isExecutable(path)) return path;
  return undefined;
}

/** Makes sure that there is a Chromium, installing it where that needs no password. */
export const ensureChromium = () =>
  ensureProgram({
    name: 'Chromium',
    present: async () => (await chromiumBin()) !== undefined,
    debian: 'chromium',
    how: process.platform === 'darwin' ? 'Google Chrome from https://www.google.com/chrome' : 'sudo apt-get install chromium',
  });
