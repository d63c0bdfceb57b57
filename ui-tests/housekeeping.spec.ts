/** Trials moved, put away, brought back and removed for good; runs that come in; the doctor. */
import { expect, test } from '@jupyterlab/galata';

import { execute, expectAccessible, picture, python } from './helpers';

const SIDEBAR = '#mlstudio-sidebar';

test.describe.configure({ mode: 'serial', timeout: 180000 });

test('a trial is moved, archived, deleted, restored and purged, each within reach of the keyboard', async ({
  page
}) => {
  await python(`
import mlstudio
from mlstudio.entities.experiments import TrialCreate
store = mlstudio.open_store()
for name in ("from-here", "to-there"):
    mlstudio.Experiment.create(experiment_name=name)
store.create_trial(TrialCreate(name="wanderer", experiment_name="from-here"))
store.create_trial(TrialCreate(name="stayer", experiment_name="from-here"))
`);
  await page.sidebar.openTab('mlstudio-sidebar');
  const sidebar = page.locator(SIDEBAR);
  const home = sidebar.locator('[data-name="from-here"]');
  const other = sidebar.locator('[data-name="to-there"]');
  await home.locator('.jp-Mlstudio-caret').click();
  const wanderer = sidebar.locator('[data-name="wanderer"]');
  await wanderer.dragTo(other);
  await expect(
    page.getByText('“wanderer” is in “to-there” now.')
  ).toBeVisible();
  await expect(wanderer).toBeHidden();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(wanderer).toBeVisible();

  await wanderer.focus();
  await page.keyboard.press('Alt+a');
  await expect(wanderer).toBeHidden();
  await sidebar.getByLabel('What is shown').selectOption('archived');
  await sidebar
    .getByRole('button', { name: 'Take wanderer out of the archive' })
    .click();
  await expect(sidebar.getByText('The archive is empty.')).toBeVisible();

  await sidebar.getByLabel('What is shown').selectOption('all');
  await wanderer.focus();
  await page.keyboard.press('Delete');
  await expect(wanderer).toBeHidden();
  await sidebar.getByLabel('What is shown').selectOption('deleted');
  await expectAccessible(page, SIDEBAR);
  await picture(page, 'bin-light');
  await sidebar
    .getByRole('button', { name: 'Delete wanderer for good…' })
    .click();
  const dialog = page.locator('.jp-Dialog');
  await dialog.getByRole('textbox').fill('wanderer');
  await dialog.getByRole('button', { name: 'Delete for Good' }).click();
  await expect(wanderer).toBeHidden();

  await sidebar.getByLabel('What is shown').selectOption('all');
  await sidebar.locator('[data-name="stayer"]').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Properties…' }).click();
  await dialog.getByLabel(/Tags/).fill('kept = yes');
  await expectAccessible(page, '.jp-Dialog');
  await picture(page, 'properties-light');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  expect(
    await python(
      'import mlstudio; print(mlstudio.open_store().get_trial("stayer").tags)'
    )
  ).toContain("'kept': 'yes'");
});

test('runs of elsewhere are looked at and then come in, and the doctor has a page', async ({
  page
}) => {
  const folder = (
    await python(`
import json, pathlib, tempfile
folder = pathlib.Path(tempfile.mkdtemp()) / "mlruns"
exp = folder / "7"
run = exp / ("a" * 32)
(run / "metrics").mkdir(parents=True)
(run / "params").mkdir()
(run / "tags").mkdir()
(run / "artifacts").mkdir()
(exp / "meta.yaml").write_text(f"artifact_location: {exp}\\ncreation_time: 1700000000000\\nexperiment_id: '7'\\nlast_update_time: 1700000000000\\nlifecycle_stage: active\\nname: came\\n")
(run / "meta.yaml").write_text(f"artifact_uri: {run}/artifacts\\nend_time: 1700000009000\\nentry_point_name: ''\\nexperiment_id: '7'\\nlifecycle_stage: active\\nrun_id: {'a' * 32}\\nrun_name: guest\\nrun_uuid: {'a' * 32}\\nsource_name: ''\\nsource_type: 4\\nsource_version: ''\\nstart_time: 1700000000000\\nstatus: 3\\ntags: []\\nuser_id: me\\n")
(run / "metrics" / "loss").write_text("1700000001000 0.5 0\\n1700000002000 0.25 1\\n")
(run / "params" / "lr").write_text("0.1")
print(folder)
`)
  ).trim();
  await execute(page, 'mlstudio:import-runs', {});
  const form = page.locator('.jp-Mlstudio-import');
  await form.getByLabel('Where').fill(folder);
  await form.getByRole('button', { name: 'Look what would come' }).click();
  await expect(
    form.getByRole('heading', { name: 'What would come' })
  ).toBeVisible({
    timeout: 20000
  });
  await expectAccessible(page, '.jp-Mlstudio-import');
  await picture(page, 'import-light');
  await form.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(form.getByRole('heading', { name: 'What came' })).toBeVisible({
    timeout: 20000
  });
  await form.getByRole('button', { name: /came/ }).click();
  await expect(
    page.locator('.jp-Mlstudio-document').getByText('guest').first()
  ).toBeVisible({
    timeout: 15000
  });

  await execute(page, 'mlstudio:doctor', {});
  const doctor = page.locator('.jp-Mlstudio-doctor');
  await expect(doctor.getByRole('heading', { name: 'Doctor' })).toBeVisible();
  await expect(doctor.getByRole('listitem').first()).toBeVisible({
    timeout: 20000
  });
  await expectAccessible(page, '.jp-Mlstudio-doctor');
  await picture(page, 'doctor-light');
  await page.theme.setDarkTheme();
  await picture(page, 'doctor-dark');
  await expectAccessible(page, '.jp-Mlstudio-doctor');
});
