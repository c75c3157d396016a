// The button that chooses the theme: the system's, light, dark.
import { byId, el } from './dom.ts';

type Theme = 'system' | 'light' | 'dark';
const ORDER: Theme[] = ['system', 'light', 'dark'];

/** Makes the button of the page's head work. */
export function startThemeButton() {
  const button = byId('theme');
  const root = document.documentElement;
  let theme = (root.dataset.theme as Theme | undefined) ?? 'system';
  const name = el('span', {}, theme);
  button.replaceChildren(el('span', { class: 'theme-sign', 'aria-hidden': 'true' }, '◐ '), el('span', { class: 'theme-word' }, 'Theme: '), name);
  button.addEventListener('click', () => {
    theme = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? 'system';
    name.textContent = theme;
    if (theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme;
    try {
      localStorage.setItem('theme', theme);
    } catch {
      // It then holds for this visit.
    }
  });
}
