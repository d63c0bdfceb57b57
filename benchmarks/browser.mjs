/**
 * What the benchmarks in a real browser share: options of the command line, a seeded store,
 * JupyterLab on it, a Chromium without a GPU, medians.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from '@playwright/test';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run'
];

/** `--name value` pairs: numbers by their defaults, and `home`, a fresh folder unless given. */
export function options(defaults) {
  const given = new Map();
  for (let i = 2; i + 1 < process.argv.length; i += 2) {
    given.set(process.argv[i].replace(/^--/, ''), process.argv[i + 1]);
  }
  const numbers = Object.entries(defaults).map(([name, value]) => [
    name,
    Number(given.get(name) ?? value)
  ]);
  return {
    ...Object.fromEntries(numbers),
    home: given.get('home') ?? mkdtempSync(path.join(tmpdir(), 'bench-'))
  };
}

const environment = ({ home, port }) => ({
  ...process.env,
  MLSTUDIO_HOME: home,
  MLSTUDIO_UI_PORT: String(port),
  MLSTUDIO_AGENT_IDLE: '30'
});

/** Run a script of this folder that fills the store; what is there already stays. */
export function seed(where, script, wanted) {
  const args = Object.entries(wanted).flatMap(([name, value]) => [
    `--${name}`,
    String(value)
  ]);
  execFileSync('python', [`benchmarks/${script}`, ...args], {
    cwd: ROOT,
    env: environment(where),
    stdio: 'inherit'
  });
}

async function serve(where, url) {
  const server = spawn(
    'jupyter',
    ['lab', '--config', 'ui-tests/jupyter_server_test_config.py'],
    { cwd: ROOT, env: environment(where), stdio: 'ignore' }
  );
  for (let i = 0; i < 240; i++) {
    const up = await fetch(`${url}/api/status`).then(
      answer => answer.ok,
      () => false
    );
    if (up) {
      return server;
    }
    await new Promise(done => setTimeout(done, 500));
  }
  server.kill();
  throw new Error('JupyterLab did not start');
}

/** Run `measure` on a page with a restored Lab and `helpers` (a function) run in it; then stop all. */
export async function withLab(where, helpers, measure, flags = []) {
  const url = `http://127.0.0.1:${where.port}`;
  const server = await serve(where, url);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
    args: [...FLAGS, ...flags]
  });
  try {
    const page = await browser.newPage({
      viewport: { width: 1400, height: 900 }
    });
    page.on('pageerror', error => console.error('page:', error.message));
    await page.goto(`${url}/lab?reset`);
    await page.waitForFunction(() => window.jupyterapp?.restored !== undefined);
    await page.evaluate(async () => {
      await window.jupyterapp.restored;
    });
    await page.evaluate(helpers);
    await measure(page);
  } finally {
    await browser.close();
    server.kill('SIGTERM');
  }
}

export const median = values =>
  [...values].sort((a, b) => a - b)[values.length >> 1];

/** Processes that wanted a core in the last minute, as text. */
export const load = () => loadavg()[0].toFixed(1);

export const cores = cpus().length;
