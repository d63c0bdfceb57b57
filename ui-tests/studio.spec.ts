/** The first minutes with Studio: nothing there, the three lines, a run that arrives live. */
import { expect, test } from '@jupyterlab/galata';

import {
  expectAccessible,
  picture,
  python,
  reload,
  startPython
} from './helpers';

const SIDEBAR = '#mlstudio-sidebar';
const RUN = `
import math, time, mlstudio
with mlstudio.run("first-experiment", name="baseline", lr=0.1, optimizer="adam") as run:
    for step in range(120):
        run.log(loss=math.exp(-step / 40), step=step)
        time.sleep(0.1)
`;

test.describe.configure({ mode: 'serial' });

test.beforeEach(({ page }) => {
  // A name that became markup would be caught here.
  page.on('dialog', dialog => {
    throw new Error(`a dialog opened: ${dialog.message()}`);
  });
});

test.describe('at start', () => {
  test.use({ autoGoto: false });

  test('Lab loads at most 60 KB of ours in at most 4 requests, and asks the API nothing', async ({
    page
  }) => {
    await page.addInitScript(() =>
      performance.setResourceTimingBufferSize(3000)
    );
    const asked: string[] = [];
    page.on('request', request => asked.push(request.url()));
    await page.goto();
    await page.waitForTimeout(1000);

    const loaded = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(entry => entry as PerformanceResourceTiming)
        .filter(
          ({ name }) =>
            /\/(lab\/extensions|labextensions)\/mlstudio\//.test(name) &&
            name.includes('.js')
        )
        .map(({ name, decodedBodySize }) => ({ name, decodedBodySize }))
    );
    const bytes = loaded.reduce((sum, one) => sum + one.decodedBodySize, 0);
    console.log('at start:', loaded);

    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.length).toBeLessThanOrEqual(4);
    expect(bytes).toBeLessThanOrEqual(60 * 1024);
    const api = asked.filter(url => url.includes('/mlstudio/api/'));
    // The status item reads the running jobs once the page stands.
    expect(api.every(url => /\/jobs\?|\/events/.test(url))).toBe(true);
  });
});

test('the empty sidebar shows the three lines and puts them into a notebook', async ({
  page
}) => {
  await page.sidebar.openTab('mlstudio-sidebar');
  const sidebar = page.locator(SIDEBAR);
  await expect(sidebar.getByText('No experiments yet')).toBeVisible();
  await expect(sidebar.getByText('import mlstudio').first()).toBeVisible();
  // The style sheet came along with the panel.
  await expect(sidebar.locator('.jp-Mlstudio-code').first()).toHaveCSS(
    'font-size',
    '11px'
  );
  await expectAccessible(page, SIDEBAR);
  await picture(page, 'empty-light');

  await page.theme.setDarkTheme();
  await expectAccessible(page, SIDEBAR);
  await picture(page, 'empty-dark');
  await page.theme.setLightTheme();

  await sidebar
    .getByRole('button', { name: 'Insert into notebook' })
    .first()
    .click();
  const accept = page.getByRole('button', { name: 'Select Kernel' });
  await accept.click({ timeout: 15000 }).catch(() => undefined);
  await expect(
    page.locator('.jp-Notebook .jp-Cell').getByText('mlstudio.run')
  ).toBeVisible();
});

test('a run of another process arrives, changes and ends without a touch, and is there after a reload', async ({
  page
}) => {
  await page.sidebar.openTab('mlstudio-sidebar');
  const sidebar = page.locator(SIDEBAR);
  await expect(sidebar.getByText('No experiments yet')).toBeVisible();

  const process = startPython(RUN);
  const experiment = sidebar.getByRole('treeitem', {
    name: /first-experiment/
  });
  await expect(experiment).toBeVisible({ timeout: 15000 });
  await expect(experiment.getByText('1 running')).toBeVisible({
    timeout: 5000
  });

  await experiment.focus();
  await page.keyboard.press('ArrowRight');
  const run = sidebar.getByRole('treeitem', { name: /baseline/ });
  await expect(run).toBeVisible();
  await expect(run.getByRole('img', { name: 'In progress' })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');

  const component = page.locator('.jp-Mlstudio-page');
  await expect(
    component.getByRole('heading', { name: 'baseline' })
  ).toBeVisible();
  await component.getByRole('tab', { name: /Metrics/ }).click();
  await expect(component.getByRole('cell', { name: 'loss' })).toBeVisible();
  await picture(page, 'component-light');
  await expectAccessible(page, '.jp-Mlstudio-page');

  await expect(component.getByText('Completed').first()).toBeVisible({
    timeout: 30000
  });
  await expect(run.getByRole('img', { name: 'Completed' })).toBeVisible();
  await expect(experiment.getByText('1 running')).toBeHidden();
  await expect(component.getByRole('cell', { name: '120' })).toBeVisible();
  expect(process.exitCode === null || process.exitCode === 0).toBe(true);

  await reload(page);
  await expect(
    component.getByRole('tab', { name: /Metrics/, selected: true })
  ).toBeVisible({ timeout: 30000 });
  await expect(run).toBeVisible();
  await page.theme.setDarkTheme();
  await picture(page, 'component-dark');
  await expectAccessible(page, '.jp-Mlstudio-page');
  await expectAccessible(page, SIDEBAR);
});

test('hostile names are text, a deletion can be undone', async ({ page }) => {
  await python(`
import mlstudio
hostile = '<img src=x onerror=alert(1)><b data-commandlinker-command="mlstudio:delete">\\u202eevil'
with mlstudio.run("hostile", name="one", **{"p<script>": hostile}) as run:
    run.log({"<img src=x onerror=alert(2)>": 1.0}, step=1)
    run.tag("<i>tag", hostile)
    run.note(hostile)
mlstudio.Experiment.create(experiment_name="named")
from mlstudio.entities.experiments import ExperimentUpdate
mlstudio.open_store().update_experiment("named", ExperimentUpdate(display_name=hostile))
`);
  await page.sidebar.openTab('mlstudio-sidebar');
  const sidebar = page.locator(SIDEBAR);
  const named = sidebar.locator('[data-name="named"]');
  await expect(named.getByText('<img src=x onerror=alert(1)>')).toBeVisible();
  await expect(sidebar.locator('img[src="x"]')).toHaveCount(0);

  await sidebar.locator('[data-name="hostile"] .jp-Mlstudio-caret').click();
  await sidebar.locator('[data-kind="component"]').first().click();
  const component = page.locator('.jp-Mlstudio-page');
  for (const tab of ['Overview', 'Parameters', 'Metrics', 'Source']) {
    await component.getByRole('tab', { name: new RegExp(tab) }).click();
    await expect(component.locator('img[src="x"], script')).toHaveCount(0);
  }

  await named.focus();
  await page.keyboard.press('Delete');
  await expect(named).toBeHidden();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(named).toBeVisible();
});

const JOB = `
import pathlib, tempfile
from mlstudio import SKLearn
folder = pathlib.Path(tempfile.mkdtemp())
(folder / "train.py").write_text('''
import time
for epoch in range(1, 900):
    print(f"epoch {epoch} \\x1b[31mloss\\x1b[0m={1 / epoch:.4f}; <b>not bold</b>", flush=True)
    time.sleep(0.05)
''')
SKLearn(
    entry_point="train.py", source_dir=str(folder), instance_type="local", instance_count=1,
    metric_definitions=[{"Name": "loss", "Regex": "loss.*?=(.*?);"}],
).fit(job_name="long-job", wait=False)
`;

test('a job shows in status bar and sidebar, its log grows, and it can be stopped', async ({
  page
}) => {
  await page.sidebar.openTab('mlstudio-sidebar');
  await python(JOB);
  await page.getByRole('button', { name: '1 job running' }).click();

  const sidebar = page.locator(SIDEBAR);
  await sidebar.getByRole('button', { name: /^In progress long-job/ }).click();
  const component = page.locator('.jp-Mlstudio-page');
  const log = component.getByRole('log');
  await expect(log.getByText(/epoch 60 loss=/)).toBeVisible({ timeout: 15000 });
  await expect(log.getByText('<b>not bold</b>').first()).toBeVisible();
  await component.getByLabel('Search in the log').fill('epoch 1 loss');
  await expect(component.getByText('1 of 1')).toBeVisible();
  await component.getByLabel('Search in the log').press('Enter');
  await expect(log.getByText('epoch 1 loss')).toBeVisible();
  await picture(page, 'log-light');
  await expectAccessible(page, '.jp-Mlstudio-page');
  await expectAccessible(page, SIDEBAR);

  await component.getByRole('button', { name: 'Stop job' }).click();
  await page
    .locator('.jp-Dialog')
    .getByRole('button', { name: 'Stop' })
    .click();
  await expect(component.getByText('Stopped').first()).toBeVisible({
    timeout: 20000
  });
  await expect(component.getByRole('button', { name: /Stop/ })).toBeHidden();
  await expect(page.getByText('1 job running')).toBeHidden();
});
