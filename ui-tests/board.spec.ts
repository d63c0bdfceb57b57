/** The charts board: cards are arranged by pointer and keyboard, brushed, taken to a notebook, and kept. */
import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { expectAccessible, picture, python, reload } from './helpers';

const BOARD = '.jp-Mlstudio-board';
const SEED = `
import math
import mlstudio
for place in range(12):
    with mlstudio.run("board-journey", lr=10.0 ** -(place % 4), opt=["adam", "sgd"][place % 2], depth=place % 5) as run:
        for step in range(20):
            run.log(loss=math.exp(-step / 5) + place / 10, step=step)
            run.log({"gap": place + step / 10}, step=step, context={"subset": "val"})
`;

/** The kinds of the cards, in their order. */
async function kinds(page: IJupyterLabPageFixture): Promise<(string | null)[]> {
  const cards = page.locator(`${BOARD} [data-card]`);
  return cards.evaluateAll(all =>
    all.map(card => card.getAttribute('data-kind'))
  );
}

async function menu(
  page: IJupyterLabPageFixture,
  kind: string,
  item: string
): Promise<void> {
  const card = page.locator(`${BOARD} [data-kind=${kind}]`).first();
  await card.getByRole('button', { name: /^Menu of/ }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

test('cards are added, moved, removed and brought back, and the board is there after a reload', async ({
  page
}) => {
  test.setTimeout(180000);
  await python(SEED);
  await page.evaluate(async () => {
    await window.jupyterapp.commands.execute('mlstudio:open-experiment', {
      name: 'board-journey'
    });
  });
  // The board of an experiment that nobody arranged.
  await expect(page.locator(`${BOARD} [data-kind=curves]`)).toHaveCount(2, {
    timeout: 30000
  });
  await expect.poll(() => kinds(page)).toContain('importance');
  const first = await kinds(page);
  expect(first).toEqual([
    'curves',
    'curves',
    'parallel',
    'importance',
    'scatter'
  ]);

  // A metric that was logged in a context alone has a line for each run.
  const gap = page.getByRole('group', { name: 'gap', exact: true });
  await expect(gap.locator('canvas')).toBeVisible({ timeout: 30000 });
  await expect
    .poll(() => gap.locator('.jp-Mlstudio-plot').getAttribute('data-points'), {
      timeout: 30000
    })
    .toBe('200');

  // Added by the menu, moved by the arrow keys.
  await page.getByRole('button', { name: 'Add chart' }).click();
  await page.getByRole('menuitem', { name: 'Boxes' }).click();
  await expect.poll(() => kinds(page)).toEqual([...first, 'box']);
  const grip = page.locator(`${BOARD} [data-kind=box] .jp-Mlstudio-grip`);
  await grip.focus();
  await page.keyboard.press('Home');
  await expect.poll(() => kinds(page)).toEqual(['box', ...first]);
  await expect(grip).toBeFocused();
  await expect(
    page.locator(`${BOARD} [data-kind=box] .js-plotly-plot`)
  ).toBeVisible({ timeout: 30000 });

  // Dragged by its head behind another one.
  await page
    .locator(`${BOARD} [data-kind=box] .jp-Mlstudio-cardHead`)
    .dragTo(page.locator(`${BOARD} [data-card]`).nth(1), {
      targetPosition: { x: 300, y: 60 }
    });
  await expect.poll(async () => (await kinds(page)).indexOf('box')).toBe(1);

  // Sized, renamed, removed, brought back.
  await page
    .locator(`${BOARD} [data-kind=box]`)
    .getByRole('button', { name: /^Size of/ })
    .press('ArrowDown');
  await menu(page, 'box', 'Rename…');
  await page.keyboard.type('Depth matters');
  await page.keyboard.press('Enter');
  const box = page.getByRole('group', { name: 'Depth matters' });
  await expect(box).toBeVisible();
  await menu(page, 'box', 'Remove');
  await expect(box).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(box).toBeVisible();

  // A brush filters the table and says so.
  const rows = page.locator('.jp-Mlstudio-documentBody [role=grid]');
  await expect(rows).toHaveAttribute('aria-rowcount', '13');
  // What is off the screen is not drawn.
  await page.locator(`${BOARD} [data-kind=parallel]`).scrollIntoViewIfNeeded();
  await page.getByRole('slider', { name: /^Highest loss/ }).press('PageDown');
  await expect(page.getByText(/of 12 rows pass the brushes/)).toBeVisible();
  await expect(rows).not.toHaveAttribute('aria-rowcount', '13');
  await picture(page, 'board-light');
  await expectAccessible(page, '.jp-Mlstudio-documentBody');

  // As it was, tomorrow. Lab writes the workspace within a second or two.
  const kept = await kinds(page);
  await page.waitForTimeout(3000);
  await reload(page);
  await expect(box).toBeVisible({ timeout: 60000 });
  expect(await kinds(page)).toEqual(kept);
  await expect(page.getByText(/of 12 rows pass the brushes/)).toBeVisible();
  await page.getByRole('button', { name: 'Clear' }).first().click();
  await expect(rows).toHaveAttribute('aria-rowcount', '13');

  // The Python of a card stands in a notebook, ready to run.
  await menu(page, 'box', 'Open as notebook');
  await expect(page.locator('.jp-Notebook .cm-content').first()).toContainText(
    'px.box(',
    { timeout: 30000 }
  );

  // Lab may ask for the new notebook's kernel.
  await page
    .locator('.jp-Dialog')
    .getByRole('button', { name: /^Select/ })
    .first()
    .click({ timeout: 5000 })
    .catch(() => undefined);
  await page.locator('.lm-TabBar-tab', { hasText: 'board-journey' }).click();
  await page.theme.setDarkTheme();
  await picture(page, 'board-dark');
  await expectAccessible(page, '.jp-Mlstudio-documentBody');
});
