/**
 * A year of MLflow comes in: a person imports a store of 200 runs that MLflow itself made, finds the
 * three best, compares them, notes why, and takes them out as Parquet.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from '@jupyterlab/galata';

import { expectAccessible, picture, python } from './helpers';

const ROOT = path.dirname(__dirname);
const PEERS =
  process.env.MLSTUDIO_PEERS_PYTHON ?? path.join(ROOT, '.peers/bin/python');
const MAKER = path.join(
  ROOT,
  'tests/experiments/importers/make_mlflow_store.py'
);
const BEST = 'metrics.accuracy.max >= 0.97 and not tags.nonsense';

async function makeStore(): Promise<string> {
  if (!existsSync(PEERS)) {
    throw new Error(
      `There is no ${PEERS}: run \`make test\`, which makes it, or set MLSTUDIO_PEERS_PYTHON.`
    );
  }
  const place = mkdtempSync(path.join(tmpdir(), 'mlstudio-mlflow-'));
  const env = { ...process.env, PYTHONPATH: '' };
  const ask = [MAKER, place, '--runs', '200', '--layout', 'sqlite'];
  await promisify(execFile)(PEERS, ask, { env });
  return place;
}

test('a store of MLflow comes in, its best runs are found, compared, noted and taken out', async ({
  page
}) => {
  test.setTimeout(300000);
  const store = await makeStore();

  // Look first, then let it come.
  await page.sidebar.openTab('mlstudio-sidebar');
  await page
    .locator('#mlstudio-sidebar')
    .getByRole('button', { name: /Import runs/ })
    .first()
    .click();
  const form = page.locator('.jp-Mlstudio-import');
  await form.getByLabel('Where').fill(`sqlite:///${store}/mlflow.db`);
  await form.getByRole('button', { name: 'Look what would come' }).click();
  await expect(
    form.getByRole('region', { name: 'What would come' })
  ).toContainText(/New runs\s*\d{3}/, { timeout: 60000 });
  await form.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(form.getByRole('region', { name: 'What came' })).toContainText(
    /New runs\s*\d{3}/,
    { timeout: 120000 }
  );
  await expect(form.getByText('Completed').first()).toBeVisible();
  await picture(page, 'mlflow-import');
  await expectAccessible(page, '.jp-Mlstudio-import');

  // The experiment stands in the sidebar by itself.
  const experiment = page
    .locator('#mlstudio-sidebar')
    .getByRole('treeitem', { name: /digits sweep/ })
    .first();
  await expect(experiment).toBeVisible({ timeout: 30000 });
  await experiment.dblclick();
  const body = page.locator('.jp-Mlstudio-documentBody');
  const rows = body.locator('[role=row][aria-rowindex]:has([role=gridcell])');
  await expect(rows.first()).toBeVisible({ timeout: 30000 });

  // The three best, by search.
  const query = body.getByRole('combobox', { name: /Query/ });
  await query.fill(BEST);
  await query.press('Enter');
  await expect(rows).toHaveCount(3, { timeout: 30000 });
  await picture(page, 'mlflow-best');
  await expectAccessible(page, '.jp-Mlstudio-documentBody');

  // Side by side.
  await rows.first().locator('[role=gridcell]').first().click();
  await page.keyboard.press('ControlOrMeta+a');
  const bar = body.getByRole('group', { name: 'The selected rows' });
  await expect(bar).toContainText('3 selected');
  await bar.getByRole('button', { name: 'Compare' }).click();
  const compare = page.getByRole('region', { name: 'Comparison of trials' });
  await expect(compare).toBeVisible({ timeout: 30000 });
  await expect(compare.getByText('optimizer').first()).toBeVisible();
  await expect(compare.getByText('0.99').first()).toBeVisible();
  await picture(page, 'mlflow-compare');

  // Why it is the best, in a note.
  await page
    .locator('.lm-TabBar-tab', { hasText: 'digits sweep' })
    .first()
    .click();
  await rows.filter({ hasText: 'trial 1' }).getByText('trial 1').click();
  await page.keyboard.press('Enter');
  const component = page.locator('.jp-Mlstudio-page:visible');
  await component.getByRole('tab', { name: /Notes/ }).click();
  await component
    .getByRole('button', { name: /Write a note|Edit/ })
    .first()
    .click();
  await component
    .getByLabel('Notes in Markdown')
    .fill(
      '**Best of the year**: the small learning rate <img src=x onerror=alert(1)>'
    );
  await component.getByRole('button', { name: 'Save' }).click();
  await expect(
    component.locator('strong', { hasText: 'Best of the year' })
  ).toBeVisible();
  await picture(page, 'mlflow-note');

  // Out as Parquet.
  await page
    .locator('.lm-TabBar-tab', { hasText: 'digits sweep' })
    .first()
    .click();
  await body.getByRole('button', { name: 'Export' }).click();
  const coming = page.waitForEvent('download', { timeout: 60000 });
  await page.getByRole('button', { name: 'Parquet' }).click();
  const file = path.join(store, 'best.parquet');
  await (await coming).saveAs(file);
  const said = await python(`
import pyarrow.parquet as pq
table = pq.read_table(${JSON.stringify(file)})
print(table.num_rows, sorted(round(v, 2) for v in table.column("metrics.accuracy.last").to_pylist()))
`);
  expect(said.trim()).toBe('3 [0.97, 0.98, 0.99]');
});
