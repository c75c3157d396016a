import { el } from './dom.ts';

/** A choice of few, side by side. */
export function segments<Value extends string>(name: string, options: [Value, string][], chosen: Value, onChoose: (value: Value) => void): HTMLElement {
  const group = `segments-${name.toLowerCase().replaceAll(' ', '-')}`;
  const option = ([value, text]: [Value, string]) => {
    const radio = el('input', { type: 'radio', name: group, value, checked: value === chosen });
    radio.addEventListener('change', () => onChoose(value));
    return el('label', {}, radio, el('span', {}, text));
  };
  return el('fieldset', { class: 'segments' }, el('legend', { class: 'hidden' }, name), ...options.map(option));
}
