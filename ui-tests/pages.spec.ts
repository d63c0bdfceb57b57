/** A trial looked at closely, held against others, found again in its lineage. */
import { expect, test } from '@jupyterlab/galata';

import { execute, expectAccessible, picture, python, reload } from './helpers';

const PAGE = '.jp-Mlstudio-component .jp-Mlstudio-page';
const COMPARE = '.jp-Mlstudio-compare .jp-Mlstudio-page';

const SEED = `
import json, math, pathlib, tempfile
import numpy as np
import mlstudio

folder = pathlib.Path(tempfile.mkdtemp())
(folder / "table.csv").write_text("name,score\\n" + "".join(f"row {i},{i / 7}\\n" for i in range(60)))
(folder / "config.json").write_text(json.dumps({"model": {"depth": 3, "<b>name</b>": "<script>"}, "list": list(range(150))}))
(folder / "weights.pkl").write_bytes(b"\\x80\\x04.")
data = folder / "train.csv"
data.write_text("x,y\\n1,2\\n")
HOSTILE = """# Why this one

It **wins**. <script>alert(1)</script> <img src=x onerror=alert(2)>
[bad](javascript:alert(3)) [data](data:text/html,x) [good](https://example.com)
<button data-commandlinker-command="mlstudio:delete">go</button>

| a | b |
|---|---|
| 1 | 2 |
"""

def fit(name, lr, depth, shade):
    with mlstudio.run("vision", name=name, lr=lr, depth=depth, optimizer="adam") as run:
        for step in range(40):
            run.log(loss=math.exp(-step * lr) + 0.01 * depth, accuracy=1 - math.exp(-step * lr), step=step)
        for step in (0, 10, 20) if name == "short" else (0, 10, 20, 30):
            pixels = np.full((28, 28), shade, dtype=np.uint8)
            pixels[:, : 1 + step // 2] = 255 - shade
            run.image("digits", pixels, step=step, caption=f"{name} at {step} <b>")
        run.histogram("weights", np.random.default_rng(1).normal(size=500), step=0)
        run.text("sample", "once upon a <i>time</i>", step=0)
        run.video("rollout", np.zeros((4, 16, 16, 3)), fps=2, step=0)
        run.html("report", "<h1>hi</h1><script>parent.alert(4)</script>", step=0)
        run.table("errors", {"image": ["a", "<b>"], "loss": [0.5, 1.25]}, step=0)
        run.figure("roc", {"data": [{"type": "scatter", "x": [0, 1], "y": [0, 1], "name": "<img src=x onerror=alert(5)>"}], "layout": {"title": {"text": "ROC<br>curve"}}}, step=0)
        run.log_file(str(folder / "table.csv"))
        run.log_file(str(folder / "config.json"))
        run.log_file(str(folder / "weights.pkl"))
        run.tag("team", "vision")
        if name == "best":
            run.note(HOSTILE)
        return run.component_name

names = [fit("base", 0.05, 2, 0), fit("best", 0.2, 3, 90), fit("short", 0.1, 3, 180)]
print(json.dumps(names))
`;

/** Two components share an artifact: the one made it, the other read it. */
const LINEAGE = (maker: string): string => `
import mlstudio
from mlstudio.entities.experiments import ArtifactRef, ComponentCreate, ComponentUpdate
store = mlstudio.open_store()
model = ArtifactRef(value="s3://models/<b>best</b>.pt", media_type="model/torch")
store.update_component("${maker}", ComponentUpdate(outputs={"model": model}))
store.create_component(ComponentCreate(name="deployed", display_name="<i>deployed</i>", inputs={"model": model}))
`;

test.describe.configure({ mode: 'serial', timeout: 180000 });

test.beforeEach(({ page }) => {
  // A name, a note or a figure that became markup would be caught here.
  page.on('dialog', dialog => {
    throw new Error(`a dialog opened: ${dialog.message()}`);
  });
});

let names: string[] = [];

test('a component shows its media, notes, artifacts and lineage, and nothing of them runs', async ({
  page
}) => {
  names = JSON.parse((await python(SEED)).trim().split('\n').pop() ?? '[]');
  await python(LINEAGE(names[1]));
  await execute(page, 'mlstudio:open-component', { name: names[1] });
  const component = page.locator(PAGE);
  await expect(component.getByRole('heading', { name: 'best' })).toBeVisible();

  await component.getByRole('tab', { name: /Media/ }).click();
  const digits = component.getByRole('region', { name: /digits/ });
  await expect(digits.getByRole('img')).toBeVisible({ timeout: 15000 });
  await expect(digits.getByText('best at 30 <b>')).toBeVisible();
  await digits.getByRole('slider').press('ArrowLeft');
  await expect(digits.getByText('best at 20 <b>')).toBeVisible();
  await digits.getByRole('slider').press('Home');
  await expect(digits.getByText('best at 0 <b>')).toBeVisible();
  await expect
    .poll(() =>
      digits
        .getByRole('img')
        .evaluate(node => (node as HTMLImageElement).naturalWidth)
    )
    .toBeGreaterThan(0);
  const rollout = component.getByRole('region', { name: /rollout/ });
  await rollout.getByRole('button', { name: /Stop the animation/ }).click();
  await expect(rollout.getByRole('img')).toHaveAttribute('src', /\/image\?/);
  await rollout.getByRole('button', { name: /Play the animation/ }).click();
  await expect(rollout.getByRole('img')).toHaveAttribute('src', /\/content$/);
  await component
    .getByRole('button', { name: 'Show the page without its scripts' })
    .click();
  await expect(
    component.frameLocator('iframe').getByRole('heading', { name: 'hi' })
  ).toBeVisible();
  await expect(
    component.locator('.jp-Mlstudio-media-figure .main-svg').first()
  ).toBeVisible({ timeout: 15000 });
  await expect(component.locator('img[src="x"]')).toHaveCount(0);
  await picture(page, 'media-light');
  await expectAccessible(page, PAGE);

  await component.getByRole('tab', { name: /Notes/ }).click();
  const notes = component.locator('.jp-Mlstudio-markdown');
  await expect(
    notes.getByRole('heading', { name: /Why this one/ })
  ).toBeVisible();
  await expect(notes.getByRole('link', { name: 'good' })).toHaveAttribute(
    'href',
    'https://example.com'
  );
  await expect(
    notes.locator(
      'script, img, button, [data-commandlinker-command], [href^="javascript"], [href^="data"]'
    )
  ).toHaveCount(0);
  await component.getByRole('button', { name: 'Edit' }).click();
  await component.getByLabel('Notes in Markdown').fill('## Changed\n\nby hand');
  await expect(
    component.getByRole('region', { name: 'Preview' }).getByRole('heading')
  ).toBeVisible();
  await picture(page, 'notes-light');
  await expectAccessible(page, PAGE);
  await python(
    `import mlstudio\nfrom mlstudio.entities.experiments import ComponentUpdate\nmlstudio.open_store().update_component("${names[1]}", ComponentUpdate(description="theirs"))`
  );
  await component.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(
    component.getByRole('alert').getByText('theirs', { exact: true })
  ).toBeVisible();
  await component.getByRole('button', { name: 'Save mine instead' }).click();
  await expect(notes.getByRole('heading', { name: /Changed/ })).toBeVisible();

  await component.getByRole('tab', { name: /Artifacts/ }).click();
  await component.getByRole('button', { name: /Preview of table.csv/ }).click();
  await expect(
    component.getByRole('cell', { name: 'row 0', exact: true })
  ).toBeVisible({
    timeout: 20000
  });
  await component
    .getByRole('button', { name: /Preview of config.json/ })
    .click();
  await component.locator('summary', { hasText: 'model' }).last().click();
  await expect(component.getByText('"<script>"')).toBeVisible();
  await component
    .getByRole('button', { name: /Preview of weights.pkl/ })
    .click();
  await expect(component.getByText(/not shown/i)).toBeVisible({
    timeout: 15000
  });
  await picture(page, 'artifacts-light');
  await expectAccessible(page, PAGE);

  for (const tab of ['Metrics', 'Source', 'Environment', 'Parameters']) {
    await component.getByRole('tab', { name: new RegExp(tab) }).click();
    await expect(component.getByRole('tabpanel')).not.toBeEmpty();
    await picture(page, `tab-${tab.toLowerCase()}`);
    await expectAccessible(page, PAGE);
  }

  await component.getByRole('tab', { name: /Lineage/ }).click();
  const graph = component.getByRole('group', { name: /Lineage graph/ });
  await expect(graph.getByRole('button', { name: /deployed/ })).toBeVisible();
  await picture(page, 'lineage-light');
  await expectAccessible(page, PAGE);
  await component.getByLabel('as a list').check();
  await expect(
    component.getByRole('cell', { name: /steps? after/ }).first()
  ).toBeVisible();
  await component.getByLabel('as a list').uncheck();
  await page.theme.setDarkTheme();
  await picture(page, 'lineage-dark');
  await expectAccessible(page, PAGE);
  await graph.getByRole('button', { name: /deployed/ }).click();
  await expect(
    page.getByRole('heading', { name: '<i>deployed</i>' })
  ).toBeVisible();
});

test('trials stand side by side, live, and the view has a link', async ({
  page
}) => {
  await execute(page, 'mlstudio:compare-trials', { names: names.slice(0, 2) });
  const compare = page.locator(COMPARE);
  const table = compare.getByRole('table');
  await expect(table.getByRole('row', { name: /^lr/ })).toBeVisible();
  await expect(table.getByRole('row', { name: /^optimizer/ })).toBeVisible();
  await expect(table.getByText('best', { exact: true }).first()).toBeVisible();
  await compare.getByLabel('differences only').check();
  await expect(table.getByRole('row', { name: /^optimizer/ })).toBeHidden();
  await expect(table.getByRole('row', { name: /^lr/ })).toBeVisible();
  await picture(page, 'compare-light');
  await expectAccessible(page, COMPARE);

  await compare.getByRole('button', { name: 'Add a trial…' }).click();
  await compare.getByRole('button', { name: /short/ }).click();
  await expect(compare.getByText('Baseline', { exact: true })).toBeVisible();
  await compare
    .getByRole('button', { name: 'Make short the baseline' })
    .click();
  await expect(
    compare
      .getByRole('list', { name: 'Compared trials' })
      .getByRole('listitem')
      .first()
  ).toContainText('short');
  await compare.getByRole('button', { name: 'Add a trial…' }).click();

  await compare.getByRole('tab', { name: 'Media' }).click();
  await compare.getByRole('combobox', { name: 'Media' }).selectOption('digits');
  await expect(compare.getByText('base at 30 <b>')).toBeVisible({
    timeout: 15000
  });
  await expect(compare.getByText('short at 20 <b>')).toBeVisible();
  await compare.getByRole('slider').press('Home');
  for (const name of ['base', 'best', 'short']) {
    await expect(compare.getByText(`${name} at 0 <b>`)).toBeVisible();
  }
  await picture(page, 'compare-media-light');
  await expectAccessible(page, COMPARE);

  await compare.getByRole('tab', { name: 'Curves' }).click();
  await expect(compare.locator('[data-points]').first()).toBeVisible();
  await picture(page, 'compare-curves-light');
  for (const tab of ['Code', 'Environment', 'Notes']) {
    await compare.getByRole('tab', { name: tab }).click();
    await expect(compare.getByRole('tabpanel')).not.toBeEmpty();
    await expectAccessible(page, COMPARE);
  }
  await compare.getByRole('tab', { name: 'Values' }).click();
  await page.theme.setDarkTheme();
  await picture(page, 'compare-dark');
  await expectAccessible(page, COMPARE);
  await page.theme.setLightTheme();

  // A tag that comes while the page is open.
  await python(
    `import mlstudio\nfrom mlstudio.entities.experiments import ComponentUpdate\nmlstudio.open_store().update_component("${names[0]}", ComponentUpdate(tags={"late": "yes"}))`
  );
  await expect(table.getByRole('row', { name: /^late/ })).toBeVisible({
    timeout: 15000
  });

  const view = {
    v: 1,
    feature: 'compare',
    name: 'x',
    view: { names, tab: 'code' }
  };
  const text = Buffer.from(JSON.stringify(view)).toString('base64url');
  await page.evaluate(link => {
    window.history.replaceState(
      null,
      '',
      `${location.pathname}?mlstudio=${link}`
    );
  }, text);
  await reload(page);
  await expect(
    page.locator(COMPARE).getByRole('tab', { name: 'Code', selected: true })
  ).toBeVisible({ timeout: 30000 });
});
