/** The main job: a sweep started in a notebook cell, watched live, compared, and found again. */
import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { expectAccessible, picture, reload } from './helpers';

const SWEEP = `
from mlstudio.cli.digits_sweep import sweep
name, estimators = sweep.launch(epochs=60, name="journey")
print("launched", len(estimators))
`;

const DOCUMENT = '.jp-Mlstudio-documentBody';

/** The texts of one column, from the top, as a person reads them. */
async function cells(
  page: IJupyterLabPageFixture,
  key: string
): Promise<string[]> {
  const title = page.locator(
    `${DOCUMENT} [role=columnheader][data-key="${key}"]`
  );
  const index = await title.getAttribute('aria-colindex');
  return page
    .locator(
      `${DOCUMENT} [role=row] [role=gridcell][aria-colindex="${index}"], ${DOCUMENT} [role=row] [role=rowheader][aria-colindex="${index}"]`
    )
    .allInnerTexts();
}

async function openExperiment(page: IJupyterLabPageFixture): Promise<void> {
  await page.sidebar.openTab('mlstudio-sidebar');
  const experiment = page
    .locator('#mlstudio-sidebar')
    .getByRole('treeitem', { name: /journey/ })
    .first();
  await expect(experiment).toBeVisible({ timeout: 30000 });
  await experiment.dblclick();
  await expect(page.locator(DOCUMENT)).toBeVisible();
}

test('a sweep from a notebook cell arrives live, is sorted, opened, and found again after a reload', async ({
  page
}) => {
  test.setTimeout(240000);
  await page.notebook.createNew('sweep.ipynb');
  await page.notebook.setCell(0, 'code', SWEEP);
  await page.notebook.runCell(0);
  await expect(page.locator('.jp-OutputArea-output')).toContainText(
    'launched 5',
    { timeout: 60000 }
  );

  await page.notebook.save();

  // One double click opens one document, not two.
  await openExperiment(page);
  await expect(page.locator(DOCUMENT)).toHaveCount(1);
  const grid = page.locator(`${DOCUMENT} [role=grid]`);
  const rows = grid.locator('[role=row][aria-rowindex]:has([role=gridcell])');
  await expect(rows).toHaveCount(5, { timeout: 30000 });

  // Nothing is touched from here on: statuses, numbers and curves come by themselves.
  const running = grid.getByText('In progress');
  await expect(running.first()).toBeVisible({ timeout: 60000 });
  const chart = page.locator(`${DOCUMENT} [data-kind=curves]`, {
    hasText: 'test:accuracy'
  });
  await expect(chart.locator('canvas')).toBeVisible({ timeout: 60000 });
  await picture(page, 'sweep-live');
  await expect(grid.getByText('Completed')).toHaveCount(5, { timeout: 150000 });

  // Sorted by test accuracy, the widest network first.
  const title = grid.locator(
    '[role=columnheader][data-key="metrics.test:accuracy.last"]'
  );
  await title.scrollIntoViewIfNeeded();
  await title.click();
  if ((await title.getAttribute('aria-sort')) !== 'descending') {
    await title.click();
  }
  await expect(title).toHaveAttribute('aria-sort', 'descending');
  const accuracies = (await cells(page, 'metrics.test:accuracy.last')).map(
    Number
  );
  expect(accuracies).toHaveLength(5);
  expect(accuracies).toEqual([...accuracies].sort((a, b) => b - a));
  expect(accuracies[0]).toBeGreaterThan(90);
  await picture(page, 'sweep-light');
  await expectAccessible(page, DOCUMENT);

  // The best one opens by keyboard.
  await rows
    .first()
    .locator('[role=rowheader], [role=gridcell]')
    .nth(1)
    .click();
  await page.keyboard.press('Enter');
  const component = page.locator('.jp-Mlstudio-page');
  await expect(
    component.getByRole('heading', { name: /32 hidden units/ })
  ).toBeVisible();
  await component.getByRole('tab', { name: /Log/ }).click();
  await expect(component.getByText('Test Accuracy:').first()).toBeVisible();
  await picture(page, 'sweep-log');

  // Tomorrow: everything as it was. Lab itself writes the workspace within a second or two.
  await page.waitForTimeout(3000);
  await reload(page);
  await expect(
    component.getByRole('heading', { name: /32 hidden units/ })
  ).toBeVisible({ timeout: 60000 });
  // Lab may ask for the restored notebook's kernel; that is no matter of ours.
  await page
    .locator('.jp-Dialog')
    .getByRole('button', { name: /Select Kernel|No Kernel/ })
    .first()
    .click({ timeout: 5000 })
    .catch(() => undefined);
  await page.locator('.lm-TabBar-tab', { hasText: 'journey' }).first().click();
  await expect(rows).toHaveCount(5, { timeout: 30000 });
  await expect(title).toHaveAttribute('aria-sort', 'descending');
  expect((await cells(page, 'metrics.test:accuracy.last')).map(Number)).toEqual(
    accuracies
  );

  await page.theme.setDarkTheme();
  await expect(chart.locator('canvas')).toBeVisible();
  await picture(page, 'sweep-dark');
  await expectAccessible(page, DOCUMENT);
});
