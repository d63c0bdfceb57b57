/** What goes on beside a page: somebody else's change of the same view, an import that outlives a reload. */
import { expect, test } from '@jupyterlab/galata';

import { execute, python, reload } from './helpers';

const DOCUMENT = '.jp-Mlstudio-document';

test.describe.configure({ mode: 'serial', timeout: 120000 });

test('a view that somebody else saved meanwhile is not written over unasked', async ({
  page
}) => {
  await python(`
import mlstudio
for lr in (0.1, 0.2):
    with mlstudio.run("shared-view", lr=lr, depth=3) as run:
        run.log(loss=lr, step=0)
`);
  await execute(page, 'mlstudio:open-experiment', { name: 'shared-view' });
  const mine = page.locator(DOCUMENT);
  await mine.getByRole('button', { name: 'Views' }).click();
  await page.getByLabel('Name of a new view').fill('ours');
  await page.getByRole('button', { name: 'Save as' }).click();
  const button = mine.getByRole('button', { name: 'View ours' });
  await expect(button).toBeVisible();
  await mine.getByRole('columnheader', { name: 'lr' }).click();
  await expect(button).toContainText('changed');

  // Somebody else saves the view in their browser; here the list of views renews itself.
  await python(`
import mlstudio
from mlstudio.entities.views import SavedViewUpdate
store = mlstudio.open_store()
(view,) = store.views("shared-view")
store.update_view(view.uid, SavedViewUpdate(version=view.version, spec={**view.spec, "where": "params.lr > 0.15"}))
`);
  await page.waitForTimeout(2500);
  await button.click();
  await page.getByRole('button', { name: 'Save changes' }).click();
  const dialog = page.locator('.jp-Dialog');
  await expect(dialog).toContainText('changed “ours” after you opened it');
  await dialog.getByRole('button', { name: 'Take theirs' }).click();
  await expect(mine.getByText('1 component', { exact: true })).toBeVisible();
});

test('an import is found again after a reload, stopped, and goes on without doubling a run', async ({
  page
}) => {
  const folder = (
    await python(`
import pathlib, tempfile
folder = pathlib.Path(tempfile.mkdtemp()) / "mlruns"
exp = folder / "7"
exp.mkdir(parents=True)
(exp / "meta.yaml").write_text(f"artifact_location: {exp}\\ncreation_time: 1700000000000\\nexperiment_id: '7'\\nlast_update_time: 1700000000000\\nlifecycle_stage: active\\nname: slowly\\n")
for at in range(1500):
    uid = f"{at:032x}"
    run = exp / uid
    for name in ("metrics", "params", "tags", "artifacts"):
        (run / name).mkdir(parents=True)
    (run / "meta.yaml").write_text(f"artifact_uri: {run}/artifacts\\nend_time: 1700000009000\\nentry_point_name: ''\\nexperiment_id: '7'\\nlifecycle_stage: active\\nrun_id: {uid}\\nrun_name: guest {at}\\nrun_uuid: {uid}\\nsource_name: ''\\nsource_type: 4\\nsource_version: ''\\nstart_time: 1700000000000\\nstatus: 3\\ntags: []\\nuser_id: me\\n")
    (run / "metrics" / "loss").write_text("1700000001000 0.5 0\\n1700000002000 0.25 1\\n")
print(folder)
`)
  ).trim();
  await execute(page, 'mlstudio:import-runs', {});
  const form = page.locator('.jp-Mlstudio-import');
  await form.getByLabel('Where').fill(folder);
  await form.getByRole('button', { name: 'Import', exact: true }).click();
  const stop = form.getByRole('button', { name: 'Stop', exact: true });
  await expect(stop).toBeVisible();
  await reload(page);
  await execute(page, 'mlstudio:import-runs', {});
  await expect(stop).toBeVisible({ timeout: 20000 });
  await stop.click();
  await expect(form.getByText('Stopped', { exact: true })).toBeVisible({
    timeout: 20000
  });
  await form.getByLabel('Where').fill(folder);
  await form.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(form.getByText('Completed', { exact: true })).toBeVisible({
    timeout: 60000
  });
  expect(
    await python(
      'import mlstudio; print(len({run.component_name for run in mlstudio.list_runs("slowly")}), len(mlstudio.list_runs("slowly")))'
    )
  ).toContain('1500 1500');
});
