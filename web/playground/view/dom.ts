type Child = Node | string | null | undefined | false;

/** Makes an element. `attributes` of `false` or `undefined` are left out, of `true` are set without a value. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number | boolean | undefined> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  fill(element, attributes, children);
  return element;
}

/** Makes an element of an SVG picture. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number | boolean | undefined> = {},
  ...children: Child[]
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  fill(element, attributes, children);
  return element;
}

function fill(element: Element, attributes: Record<string, string | number | boolean | undefined>, children: Child[]) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) {
    if (child) element.append(child);
  }
}

/** Gives the element with this id. The page is ours: a missing one is a mistake in index.html. */
export function byId<Type extends HTMLElement = HTMLElement>(id: string): Type {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no #${id}`);
  return element as Type;
}

/** Makes a button that runs `act`. */
export function button(label: string, look: string, act: () => void): HTMLButtonElement {
  const made = el('button', { type: 'button', class: look }, label);
  made.addEventListener('click', act);
  return made;
}
