// Keeps the height of a part of the page while something smaller stands in it, so that what follows does not jump. What is not
// there yet has the room of style/awaited.css.

/** Keeps at least the height that the element has now. */
export function holdHeight(element: HTMLElement) {
  if (element.style.minHeight === '') element.style.minHeight = `${element.getBoundingClientRect().height}px`;
}

/** Lets the element be as high as what is in it. */
export function releaseHeight(element: HTMLElement) {
  element.style.minHeight = '';
  element.classList.remove('awaited');
}

// Another width makes other heights.
let width = innerWidth;
addEventListener('resize', () => {
  if (innerWidth === width) return;
  width = innerWidth;
  for (const element of document.querySelectorAll<HTMLElement>('[style*="min-height"]')) releaseHeight(element);
});
