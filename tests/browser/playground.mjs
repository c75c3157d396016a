// What tests read from the playground, in the words of its readers.

/** Waits until the figures of a quote are there, and gives them without their spaces. */
export async function readQuote(page) {
  await page.locator('.figure').first().waitFor();
  const figures = await page.locator('.figure dd:not(.under)').allTextContents();
  const [amount, bound] = figures.map((text) => text.replace(/\u202f/g, '').trim());
  return { amount, bound };
}

/** Waits until the headline figure is this one, and the bound below it, where one is given: an amount may stay the same while the request changes. */
export async function waitForAmount(page, ...wanted) {
  await page.waitForFunction((texts) => {
    const figures = [...document.querySelectorAll('.figure dd:not(.under)')].map(({ textContent }) => textContent.replace(/\u202f/g, '').trim());
    return texts.every((text, at) => figures[at] === text);
  }, wanted);
}

/** Waits for a verdict of the comparison: `equal`, `differs`, or empty where there is nothing to compare. */
export const waitForVerdict = (page, verdict) => page.locator(`#check-body .verdict[data-verdict="${verdict}"]`).waitFor();

/** Waits for a chart of this pool and gives the bins it shows as used. */
export async function takenBins(page, pool) {
  const figure = page.locator(`#liquidity figure[data-pool="${pool}"]`);
  await figure.locator('canvas').waitFor();
  return (await figure.getAttribute('data-taken')).split(' ').map(Number);
}

/** Counts the pixels of a chart that have a colour of the style sheet. */
export async function pixelsOf(page, pool, colour) {
  return page.evaluate(
    ([pool, name]) => {
      const probe = document.createElement('span');
      probe.style.color = `var(--${name})`;
      document.body.append(probe);
      const [red, green, blue] = getComputedStyle(probe).color.match(/\d+/g).map(Number);
      probe.remove();
      const canvas = document.querySelector(`#liquidity figure[data-pool="${pool}"] canvas`);
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) count += 1;
      }
      return count;
    },
    [pool, colour],
  );
}

/** Chooses a token as people do: by typing and Enter. */
export async function chooseToken(page, side, token) {
  await page.getByRole('combobox', { name: side }).fill(token);
  await page.keyboard.press('Enter');
}
