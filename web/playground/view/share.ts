// The button that passes the trade on screen to somebody else.
import { byId } from './dom.ts';

const STAYS_MS = 2500;

/** Makes the button work: where the device has a way to share, that; else the link is copied. */
export function startShare() {
  const button = byId('share');
  const say = (text: string) => {
    button.textContent = text;
    setTimeout(() => (button.textContent = 'Share'), STAYS_MS);
  };
  button.addEventListener('click', async () => {
    const url = location.href;
    try {
      if (matchMedia('(pointer: coarse)').matches && navigator.share !== undefined) await navigator.share({ title: document.title, url });
      else {
        await navigator.clipboard.writeText(url);
        say('Link copied');
      }
    } catch (error) {
      if ((error as Error).name !== 'AbortError') say('Copy the address');
    }
  });
}
