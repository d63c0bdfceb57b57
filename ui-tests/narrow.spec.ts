/** A panel as narrow as people make them, and the plots that a run stored, alone and compared. */
import { expect, test } from '@jupyterlab/galata';

import { execute, expectAccessible, picture, python } from './helpers';

const DOCUMENT = '.jp-Mlstudio-documentBody';
const COMPONENT = '.jp-Mlstudio-component .jp-Mlstudio-page';
const COMPARE = '.jp-Mlstudio-compare .jp-Mlstudio-page';

const SEED = `
import mlstudio
for name, cut in (("first", 0.5), ("second", 0.7)):
    with mlstudio.run("narrow-journey", name=name, cut=cut) as run:
        for step in range(3):
            run.log(loss=1 / (step + 1), step=step)
        truth = [0, 1] * 20
        run.log_roc_curve(truth, [cut * t + (i % 7) / 10 for i, t in enumerate(truth)], title="roc on test")
        run.log_confusion_matrix(["cat", "dog", "dog"], ["cat", "cat", "dog"], title="confusion on test")
`;

test.describe.configure({ mode: 'serial' });

test('the tools of a narrow experiment stand in two lines and behind a button', async ({
  page
}) => {
  await python(SEED);
  await execute(page, 'mlstudio:open-experiment', { name: 'narrow-journey' });
  const head = page.locator('.jp-Mlstudio-documentHead');
  await expect(head).toBeVisible({ timeout: 30000 });
  await expect(head.getByRole('button', { name: 'Archived' })).toBeVisible();
  if (await page.sidebar.isOpen('left')) {
    await page.sidebar.close('left');
  }
  await page.setViewportSize({ width: 420, height: 800 });
  const more = head.getByRole('button', { name: /^More tools/ });
  await expect(more).toHaveAttribute('aria-expanded', 'false');
  const box = await head.boundingBox();
  expect(box?.height).toBeLessThan(100);
  await expectAccessible(page, DOCUMENT);

  // By keyboard alone: the button, then the tools that it shows.
  await more.focus();
  await page.keyboard.press('Enter');
  const tools = head.getByRole('group', { name: 'More tools' });
  await expect(tools.getByRole('button', { name: 'Columns' })).toBeVisible();
  await tools.getByRole('searchbox').fill('second');
  await expect(
    page.locator(`${DOCUMENT} [role=grid]`).getByText('first')
  ).toBeHidden();
  await more.click();
  await expect(more).toHaveAccessibleName(/filtered/);
  await picture(page, 'narrow-light');
  await more.click();
  await tools.getByRole('searchbox').fill('');

  const cells = page.locator(`${DOCUMENT} .jp-mod-check[role=gridcell]`);
  await cells.nth(0).click();
  await cells.nth(1).click();
  const selected = head.getByRole('group', { name: 'The selected rows' });
  await expect(
    selected.getByRole('button', { name: 'Delete' })
  ).toBeInViewport();
  await page.theme.setDarkTheme();
  await picture(page, 'narrow-dark');
  await expectAccessible(page, DOCUMENT);

  await cells.nth(0).focus();
  await page.keyboard.press('?');
  const keys = page.locator('.jp-Dialog', { hasText: 'Keys of this page' });
  await expect(keys.getByText('select the row')).toBeVisible();
  await keys.getByRole('button', { name: 'Close' }).click();
});

test('stored plots are drawn, and held against each other', async ({
  page
}) => {
  await execute(page, 'mlstudio:open-component', {
    name: 'narrow-journey-first'
  });
  const component = page.locator(COMPONENT);
  await component.getByRole('tab', { name: /Artifacts/ }).click();
  await component
    .getByRole('button', { name: 'Preview of confusion on test' })
    .click();
  const matrix = component.getByRole('table', { name: /Confusion matrix/ });
  await expect(matrix.getByRole('row', { name: /^dog/ })).toContainText(
    '50.0 %',
    { timeout: 20000 }
  );
  await component.getByRole('tab', { name: 'Raw JSON' }).click();
  await expect(
    component.getByText('confusionMatrix', { exact: true })
  ).toBeVisible();
  await component.getByRole('tab', { name: 'Chart' }).click();
  await component
    .getByRole('button', { name: 'Preview of roc on test' })
    .click();
  await expect(
    component.locator('.jp-Mlstudio-curvePlot .legendtext')
  ).toContainText('AUC', { timeout: 20000 });
  await expectAccessible(page, COMPONENT);

  const names = ['narrow-journey-first', 'narrow-journey-second'];
  await execute(page, 'mlstudio:compare-trials', { names });
  const compare = page.locator(COMPARE);
  await compare.getByRole('tab', { name: 'Plots' }).click();
  await expect(
    compare.getByRole('table', { name: /Confusion matrix/ })
  ).toHaveCount(2);
  await expect(
    compare.locator('.jp-Mlstudio-curvePlot .legendtext').last()
  ).toContainText('second', { timeout: 20000 });
  await picture(page, 'plots-light');
  await expectAccessible(page, COMPARE);
  await compare.getByRole('tab', { name: 'Environment' }).click();
  await expect(compare.getByRole('row', { name: /^Memory/ })).toContainText(
    'GiB'
  );
});
