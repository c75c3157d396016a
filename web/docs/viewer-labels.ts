// What the viewer leaves out for screen readers and keyboards: names of its choices, and a way into its scrolling examples.

/** Names what the viewer has drawn, now and whenever it draws more. */
export function labelViewer(viewer: HTMLElement) {
  const label = () => {
    for (const select of viewer.querySelectorAll('select:not([aria-label])')) {
      const row = select.closest('[data-param-name], [data-code]');
      const of = row?.getAttribute('data-param-name') ?? row?.getAttribute('data-code') ?? 'request';
      select.setAttribute('aria-label', `Choice of ${of}`);
    }
    for (const example of viewer.querySelectorAll('pre:not([tabindex]), .microlight:not([tabindex])')) {
      example.setAttribute('tabindex', '0');
    }
  };
  new MutationObserver(label).observe(viewer, { childList: true, subtree: true });
  label();
}
