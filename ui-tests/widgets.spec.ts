/** Widgets: a run that is live in the cell that trains it, and a table that talks with Python. */
import { expect, test } from '@jupyterlab/galata';

import { expectAccessible, picture } from './helpers';

const SWEEP = `
import mlstudio
for lr in (0.01, 0.05, 0.1):
    with mlstudio.run("cells", f"lr {lr}", lr=lr) as run:
        for step in range(100):
            run.log(loss=(1 - lr) ** step, step=step)
widget = mlstudio.show("cells")
widget
`;

const LIVE = `
import time
from IPython.display import display
with mlstudio.run("cells", "live one") as live:
    display(live)
    for step in range(200):
        live.log(loss=1 / (step + 1), step=step)
        time.sleep(0.1)
`;

/** Typed code would be indented a second time by the editor: the notebook is written as a file. */
function notebookOf(cells: readonly string[]): string {
  return JSON.stringify({
    cells: cells.map(source => ({
      cell_type: 'code',
      execution_count: null,
      metadata: {},
      outputs: [],
      source: source.trim()
    })),
    metadata: {
      kernelspec: {
        display_name: 'Python 3 (ipykernel)',
        language: 'python',
        name: 'python3'
      }
    },
    nbformat: 4,
    nbformat_minor: 4
  });
}

const CELLS = [
  SWEEP,
  'print("picked", len(widget.selection))',
  'widget.selection = []; widget.smooth = 0.5',
  LIVE
];

const WIDGET = '.jp-Mlstudio-widget';

test('a widget is live while its cell trains, and shares its selection with Python', async ({
  page,
  tmpPath
}) => {
  test.setTimeout(120000);
  const path = `${tmpPath}/cells.ipynb`;
  await page.contents.uploadContent(notebookOf(CELLS), 'text', path);
  await page.notebook.openByPath(path);
  await page.notebook.activate('cells.ipynb');
  await page.notebook.runCell(0);
  const table = page.locator(WIDGET).first();
  await expect(table.getByText('3 runs')).toBeVisible({ timeout: 60000 });
  await expect(table.locator('canvas').first()).toBeVisible();

  // Selecting in the page is seen in Python, and the other way round.
  await table.getByRole('gridcell', { name: /Select .*lr-0-05/ }).click();
  await page.notebook.runCell(1);
  await expect(page.getByText('picked 1')).toBeVisible({ timeout: 30000 });
  await page.notebook.runCell(2);
  await expect(table.getByText('1 selected')).toHaveCount(0);
  await picture(page, 'widgets-light');
  await expectAccessible(page, WIDGET);

  // A run shown at the start of the cell that trains it follows while the kernel is busy.
  const running = page.notebook.runCell(3);
  const live = page.locator(WIDGET).nth(1);
  await expect(live.getByText(/In progress/)).toBeVisible({ timeout: 30000 });
  const plot = live.locator('.jp-Mlstudio-plot');
  const points = async (): Promise<number> =>
    Number(await plot.getAttribute('data-points'));
  await expect.poll(points, { timeout: 20000 }).toBeGreaterThan(5);
  const before = await points();
  await expect.poll(points, { timeout: 20000 }).toBeGreaterThan(before + 5);
  await expect(live.getByText(/In progress/)).toBeVisible();

  await page.theme.setDarkTheme();
  await picture(page, 'widgets-dark');
  await page.theme.setLightTheme();
  await running;
  await expect(live.getByText(/Completed/)).toBeVisible({ timeout: 30000 });
  await expect.poll(points, { timeout: 20000 }).toBe(200);
});
