// The colours of the charts, as people with every kind of colour vision see them.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const sheet = await readFile(new URL('../../web/playground/style/colours.css', import.meta.url), 'utf8');
const coloursOf = (name) => {
  const pair = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(sheet);
  assert.ok(pair, `${name} is in the style sheet`);
  return { light: linear(pair[1]), dark: linear(pair[2]) };
};

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB. */
const VISIONS = {
  all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

function linear(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
}

const times = (matrix, vector) => matrix.map((row) => Math.min(1, Math.max(0, row.reduce((sum, factor, at) => sum + factor * vector[at], 0))));

function lab(rgb) {
  const xyz = times([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]], rgb);
  const [x, y, z] = xyz.map((value, at) => value / [0.95047, 1, 1.08883][at]).map((value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const distance = (a, b) => Math.hypot(...lab(a).map((value, at) => value - lab(b)[at]));
const luminance = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
const contrast = (a, b) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);

const MARKS = ['bar-x', 'bar-y', 'taken'];
/** Two to three is just seen; this is seen at a glance. */
const FAR = 25;

for (const theme of ['light', 'dark']) {
  test(`the two tokens and what a trade takes are far apart in the ${theme} theme, and so they are from the ground`, () => {
    const ground = coloursOf('surface')[theme];
    for (const [index, name] of MARKS.entries()) {
      const mark = coloursOf(name)[theme];
      assert.ok(contrast(mark, ground) >= 3, `${name} on the ground: ${contrast(mark, ground).toFixed(2)}`);
      for (const other of MARKS.slice(index + 1)) {
        for (const [vision, matrix] of Object.entries(VISIONS)) {
          const apart = distance(times(matrix, mark), times(matrix, coloursOf(other)[theme]));
          assert.ok(apart >= FAR, `${name} and ${other} with ${vision}: ${apart.toFixed(0)}`);
        }
      }
    }
  });
}
