/**
 * How fast the table of an experiment is in a real browser: first rows, sort, filter, group, scroll,
 * memory.
 *
 *     node benchmarks/panel.mjs [--trials 10000] [--width 20] [--rounds 5] [--port 18595] [--home FOLDER]
 *
 * Fills a store (benchmarks/panel_seed.py; kept in --home), starts JupyterLab on it, drives
 * Chromium without a GPU. Times are wall time in the page, from the act to the second animation
 * frame after what was awaited stands in the DOM: medians of the rounds, and the slowest. Beside
 * them stand what the main thread worked (scripts, styles, layout) until 0.4 s later, the charts'
 * redrawing with it, and the load of the machine: wall time on a busy machine means little.
 */
import { cores, load, median, options, seed, withLab } from './browser.mjs';

const given = options({ trials: 10000, width: 20, rounds: 5, port: 18595 });
const { trials: TRIALS, width: WIDTH, rounds: ROUNDS } = given;
const NAME = `panel-${TRIALS}-${WIDTH}`;
let cdp;

/** Seconds that the page's main thread has worked on scripts, styles and layout. */
async function worked() {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = name => metrics.find(one => one.name === name)?.value ?? 0;
  return (
    of('ScriptDuration') + of('LayoutDuration') + of('RecalcStyleDuration')
  );
}

/** One act: its wall time in the page, and what the main thread worked until it rests. */
async function act(page, run, argument) {
  const before = await worked();
  const wall = await page.evaluate(run, argument);
  await page.waitForTimeout(400);
  return { wall, cpu: 1000 * ((await worked()) - before) };
}

function report(what, acts) {
  const walls = acts.map(one => one.wall);
  const cpu = median(acts.map(one => one.cpu));
  console.log(
    `${what.padEnd(34)} ${median(walls).toFixed(0).padStart(6)} ms   slowest ${Math.max(...walls).toFixed(0)} ms   main thread ${cpu.toFixed(0)} ms`
  );
}

/** Runs in the page: helpers as `window.bench`. */
function helpers() {
  const frame = () => new Promise(done => requestAnimationFrame(() => done()));
  const shown = selector =>
    [...document.querySelectorAll(selector)].filter(
      n => n.offsetParent !== null
    );
  const table = () => shown('.jp-Mlstudio-table')[0];
  const until = async test => {
    const end = performance.now() + 30000;
    while (!test()) {
      if (performance.now() > end) {
        throw new Error(`timed out: ${test}`);
      }
      await frame();
    }
    await frame();
    await frame();
  };
  const rows = () =>
    [...(table()?.querySelectorAll('[role=row][aria-rowindex]') ?? [])].filter(
      row => row.getAttribute('aria-rowindex') !== '1'
    );
  const text = () =>
    rows()
      .map(row => row.textContent)
      .join('|');
  window.bench = {
    table,
    rows,
    text,
    async time(act, test) {
      const start = performance.now();
      act();
      await until(test);
      return performance.now() - start;
    },
    open(name) {
      void window.jupyterapp.commands.execute('mlstudio:open-experiment', {
        name
      });
    },
    type(input, value) {
      const set = Object.getOwnPropertyDescriptor(
        HTMLInputElement.prototype,
        'value'
      ).set;
      set.call(input, value);
      input.dispatchEvent(new Event('input', { bubbles: true }));
    },
    async scroll(dx, dy, ms) {
      const node = table();
      const gaps = [];
      const start = performance.now();
      let last = start;
      while (performance.now() - start < ms) {
        node.scrollTop += dy;
        node.scrollLeft += dx;
        if (
          dx !== 0 &&
          node.scrollLeft + node.clientWidth >= node.scrollWidth - 2
        ) {
          node.scrollLeft = 0;
        }
        await frame();
        const now = performance.now();
        gaps.push(now - last);
        last = now;
      }
      return {
        fps: (1000 * gaps.length) / (last - start),
        worst: Math.max(...gaps)
      };
    },
    close() {
      const widget = [...window.jupyterapp.shell.widgets('main')].find(
        w => w.isVisible && w.node.querySelector('.jp-Mlstudio-document')
      );
      widget?.close();
    }
  };
}

async function firstRows(page) {
  const times = [];
  for (let i = 0; i <= ROUNDS; i++) {
    const spent = await act(
      page,
      async name =>
        window.bench.time(
          () => window.bench.open(name),
          () =>
            window.bench.rows().length > 5 &&
            window.bench.text().includes(`${name}-`)
        ),
      NAME
    );
    if (i > 0) {
      times.push(spent);
    }
    await page.evaluate(async total => {
      const all = String(total + 1);
      await window.bench.time(
        () => undefined,
        () => window.bench.table().getAttribute('aria-rowcount') === all
      );
    }, TRIALS);
    if (i < ROUNDS) {
      await page.evaluate(async () => {
        window.bench.close();
        await new Promise(done => setTimeout(done, 300));
      });
    }
  }
  report('first rows, warm page', times);
}

async function sorts(page) {
  const times = [];
  for (let i = 0; i < ROUNDS; i++) {
    times.push(
      await act(page, async () => {
        const before = window.bench.text();
        const title = [
          ...window.bench
            .table()
            .querySelectorAll('[role=columnheader][data-key^="metrics."]')
        ][0];
        return window.bench.time(
          () => title.click(),
          () => window.bench.text() !== before
        );
      })
    );
    await page.waitForTimeout(300);
  }
  report('sort by a metric', times);
}

async function filters(page) {
  const times = [];
  for (let i = 0; i < ROUNDS; i++) {
    times.push(
      await act(
        page,
        async n => {
          const input = [
            ...document.querySelectorAll('input.jp-mod-quick')
          ].find(node => node.offsetParent !== null);
          const before = window.bench.table().getAttribute('aria-rowcount');
          return window.bench.time(
            () => window.bench.type(input, n % 2 ? '' : '77'),
            () => window.bench.table().getAttribute('aria-rowcount') !== before
          );
        },
        i
      )
    );
    await page.waitForTimeout(300);
  }
  await page.evaluate(() => {
    const input = [...document.querySelectorAll('input.jp-mod-quick')].find(
      n => n.offsetParent !== null
    );
    window.bench.type(input, '');
  });
  await page.waitForTimeout(500);
  report('filter by name, from the key', times);
}

async function groups(page) {
  const times = [];
  for (let i = 0; i < 2 * ROUNDS; i++) {
    await page
      .locator('.jp-Mlstudio-documentTools button:visible', {
        hasText: 'Group'
      })
      .click();
    await page.waitForTimeout(300);
    times.push(
      await act(
        page,
        async grouped => {
          const wanted = grouped ? 'Do not group' : 'team';
          const item = [
            ...document.querySelectorAll('.jp-Mlstudio-popover button')
          ].find(node => node.textContent.includes(wanted));
          return window.bench.time(
            () => item.click(),
            () =>
              (window.bench.table().querySelector('[data-group]') !== null) !==
              grouped
          );
        },
        i % 2 === 1
      )
    );
    await page.keyboard.press('Escape');
    await page.waitForTimeout(200);
  }
  report(
    'group by a tag, from the click',
    times.filter((_, i) => i % 2 === 0)
  );
}

async function scrolls(page) {
  for (const [what, dx, dy] of [
    ['scroll down', 0, 61],
    ['scroll right', 23, 0]
  ]) {
    const { fps, worst } = await page.evaluate(
      ([x, y]) => window.bench.scroll(x, y, 3000),
      [dx, dy]
    );
    console.log(
      `${what.padEnd(34)} ${fps.toFixed(0).padStart(6)} fps  worst frame ${worst.toFixed(0)} ms`
    );
  }
}

async function measure(page) {
  cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  console.log(
    `${TRIALS} rows × ${2 * WIDTH} columns; ${cores} cores, load ${load()}`
  );
  const heap = () =>
    page.evaluate(() => {
      window.gc?.();
      window.gc?.();
      return performance.memory.usedJSHeapSize / 1e6;
    });
  // The page is warm when another experiment was opened before.
  await page.evaluate(async name => {
    await window.bench.time(
      () => window.bench.open(name),
      () => window.bench.rows().length === 3
    );
  }, `panel-3-${WIDTH}`);
  const before = await heap();
  await firstRows(page);
  await page.waitForTimeout(2000);
  await sorts(page);
  await filters(page);
  await groups(page);
  await page
    .locator('.jp-Mlstudio-documentTools button[aria-pressed]:visible')
    .last()
    .click();
  await page.waitForTimeout(500);
  console.log('the table alone, charts closed:');
  await sorts(page);
  await filters(page);
  await groups(page);
  await scrolls(page);
  const after = await heap();
  console.log(
    `${'JavaScript heap'.padEnd(34)} ${after.toFixed(0).padStart(6)} MB   of which the document ${(after - before).toFixed(0)} MB`
  );
  console.log(`load at the end: ${load()}`);
}

for (const trials of [3, TRIALS]) {
  seed(given, 'panel_seed.py', { trials, width: WIDTH });
}
await withLab(given, helpers, measure, [
  '--enable-precise-memory-info',
  '--js-flags=--expose-gc'
]);
