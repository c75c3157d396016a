// The button that chooses the theme: the system's, light, dark.
import { byId } from './dom.ts';

const NAMES = { system: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' } as const;
type Theme = keyof typeof NAMES;
const ORDER: Theme[] = ['system', 'light', 'dark'];

/** Makes the button of the page's head work. */
export function startThemeButton() {
  const button = byId('theme');
  const root = document.documentElement;
  let theme = (root.dataset.theme as Theme | undefined) ?? 'system';
  button.textContent = NAMES[theme];
  button.addEventListener('click', () => {
    theme = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? 'system';
    button.textContent = NAMES[theme];
    if (theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme;
    try {
      localStorage.setItem('theme', theme);
    } catch {
      // It then holds for this visit.
    }
  });
}
