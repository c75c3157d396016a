// Colours of the style sheet for canvases, which cannot use custom properties.

const probe = document.createElement('span');
probe.hidden = true;
document.body.append(probe);

/** Gives the colour of a custom property as it is in the present theme. */
export function colour(name: string): string {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

/** Runs `draw` whenever the theme changes, by the system or by hand. */
export function onThemeChange(draw: () => void) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ['data-theme'] });
}
