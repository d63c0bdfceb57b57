/**
 * How fast long curves are drawn in a real browser: first paint and zoom of 50 curves of a million
 * points each.
 *
 *     node benchmarks/curves_panel.mjs [--curves 50] [--points 1000000] [--rounds 5] [--port 18795] [--home FOLDER]
 *
 * Fills a store (benchmarks/curves_seed.py; kept in --home), starts JupyterLab on it, drives
 * Chromium without a GPU. Times are wall time in the page: the first paint of all curves from the
 * selecting of all rows in a warm page (a board draws the first ten until then), a zoom from the pointer's release, each to the
 * second animation frame after the curves that were asked for stand in the chart. Beside the medians
 * stand the slowest, the time of the page's calls of /curves, and the load of the machine: wall
 * time on a busy machine means little.
 */
import { cores, load, median, options, seed, withLab } from './browser.mjs';

const given = options({
  curves: 50,
  points: 1000000,
  rounds: 5,
  port: 18795
});
const { curves: CURVES, points: POINTS, rounds: ROUNDS } = given;
const NAME = `curves-${CURVES}-${POINTS}`;

function report(what, acts) {
  const walls = acts.map(one => one.wall);
  const calls = median(acts.map(one => one.calls));
  console.log(
    `${what.padEnd(30)} ${median(walls).toFixed(0).padStart(6)} ms   slowest ${Math.max(...walls).toFixed(0)} ms   /curves ${calls.toFixed(0)} ms   load ${load()}`
  );
}

/** Runs in the page: helpers as `window.bench`. */
function helpers() {
  const frame = () => new Promise(done => requestAnimationFrame(() => done()));
  const plot = () =>
    [...document.querySelectorAll('.jp-Mlstudio-plot')].find(
      node => node.offsetParent !== null
    );
  const answers = () =>
    performance
      .getEntriesByType('resource')
      .filter(one => /\/curves(\?|$)/.test(one.name) && one.responseEnd > 0);
  window.bench = {
    plot,
    /** From `start` until so many calls of /curves were answered and so many points are drawn. */
    async drawn(start, calls, least = 1) {
      const end = performance.now() + 60000;
      const fresh = () => answers().filter(one => one.startTime >= start);
      const done = () =>
        fresh().length >= calls && window.bench.points() >= least;
      while (!done()) {
        if (performance.now() > end) {
          throw new Error('timed out: the curves');
        }
        await frame();
      }
      // A chart waits for its turn: its canvas is drawn anew when uPlot's data are set.
      while (
        window.bench.drawnAt < Math.max(...fresh().map(one => one.responseEnd))
      ) {
        if (performance.now() > end) {
          throw new Error('timed out: the drawing');
        }
        await frame();
      }
      await frame();
      const all = fresh();
      return {
        wall: performance.now() - start,
        points: window.bench.points(),
        fresh: all.length,
        calls:
          Math.max(...all.map(one => one.responseEnd)) -
          Math.min(...all.map(one => one.startTime))
      };
    },
    points: () => Number(plot()?.dataset.points ?? 0),
    drawnAt: 0,
    selectAll() {
      performance.clearResourceTimings();
      [
        ...document.querySelectorAll(
          '.jp-Mlstudio-table [role=columnheader] input[type=checkbox]'
        )
      ]
        .find(node => node.offsetParent !== null)
        .click();
    },
    open(name) {
      performance.clearResourceTimings();
      void window.jupyterapp.commands.execute('mlstudio:open-experiment', {
        name
      });
    },
    close() {
      const widget = [...window.jupyterapp.shell.widgets('main')].find(
        one => one.isVisible && one.node.querySelector('.jp-Mlstudio-document')
      );
      widget?.close();
    }
  };
  // A line that is drawn ends with a stroke of its path: the time of the last one.
  const stroke = CanvasRenderingContext2D.prototype.stroke;
  CanvasRenderingContext2D.prototype.stroke = function (...path) {
    if (path.length > 0) {
      window.bench.drawnAt = performance.now();
    }
    return stroke.apply(this, path);
  };
  window.addEventListener(
    'mouseup',
    () => {
      window.bench.released = performance.now();
    },
    true
  );
}

const CALLS = Math.ceil(CURVES / 25);
/** Points that a chart of all curves has at least: a few of each would be another chart. */
const LEAST = 100 * CURVES;

async function firstPaints(page) {
  const acts = [];
  for (let i = 0; i < ROUNDS; i++) {
    // A board draws the first ten rows: all are drawn when all rows are selected.
    await page.evaluate(name => {
      const start = performance.now();
      window.bench.open(name);
      return window.bench.drawn(start, 1);
    }, NAME);
    await page.waitForTimeout(1500);
    const act = await page.evaluate(
      ([calls, least]) => {
        const start = performance.now();
        window.bench.selectAll();
        return window.bench.drawn(start, calls, least);
      },
      [CALLS, LEAST]
    );
    acts.push(act);
    console.log(
      `  ${i === 0 ? 'first in this server' : 'opened again'}: ${act.wall.toFixed(0)} ms, ${act.points} points, ${act.fresh} calls`
    );
    await page.waitForTimeout(1500);
    if (i < ROUNDS - 1) {
      await page.evaluate(() => window.bench.close());
      await page.waitForTimeout(500);
    }
  }
  report('first paint of all, selected', acts);
}

/** Drag over a share of the chart's width, and wait for the curves of what was dragged over. */
async function zoom(page, from, to) {
  const over = page.locator('.jp-Mlstudio-plot:visible .u-over').first();
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  const y = box.y + box.height / 2;
  await page.evaluate(() => performance.clearResourceTimings());
  await page.mouse.move(box.x + from * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + to * box.width, y, { steps: 4 });
  await page.mouse.up();
  const act = await page.evaluate(
    ([calls, least]) => window.bench.drawn(window.bench.released, calls, least),
    [CALLS, LEAST]
  );
  await page.waitForTimeout(1000);
  return act;
}

async function zooms(page) {
  const wide = [];
  const deep = [];
  for (let i = 0; i < ROUNDS; i++) {
    wide.push(await zoom(page, 0.3, 0.7));
    deep.push(await zoom(page, 0.5, 0.55));
    await page
      .locator('button:visible', { hasText: 'Reset zoom' })
      .first()
      .click();
    await page.waitForTimeout(1500);
  }
  report('zoom to two fifths', wide);
  report('zoom to a fiftieth', deep);
}

async function measure(page) {
  console.log(
    `${CURVES} curves × ${POINTS} points; ${cores} cores, load ${load()}`
  );
  // The page is warm when another experiment was opened before.
  await page.evaluate(async () => {
    const start = performance.now();
    window.bench.open('curves-3-1000');
    await window.bench.drawn(start, 1);
  });
  await page.evaluate(() => window.bench.close());
  await page.waitForTimeout(1000);
  await firstPaints(page);
  await zooms(page);
}

seed(given, 'curves_seed.py', { curves: 3, points: 1000 });
seed(given, 'curves_seed.py', { curves: CURVES, points: POINTS });
await withLab(given, helpers, measure);
