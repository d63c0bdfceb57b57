/** What several journeys need: Python beside the browser, axe, pictures. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';

import { expect } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

const ENV = {
  ...process.env,
  MLSTUDIO_HOME: process.env.MLSTUDIO_UI_HOME ?? ''
};
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf-8');

/** Run Python to its end, on the store that the server shows. */
export async function python(code: string): Promise<string> {
  const run = promisify(execFile);
  const { stdout } = await run('python', ['-c', code], { env: ENV });
  return stdout;
}

/** Start Python and leave it running. */
export function startPython(code: string): ChildProcess {
  return spawn('python', ['-c', code], { env: ENV, stdio: 'inherit' });
}

/** Run a command of ours in the page. */
export async function execute(
  page: IJupyterLabPageFixture,
  command: string,
  args: object
): Promise<void> {
  await page.evaluate(
    async ([id, given]) => {
      await window.jupyterapp.commands.execute(id as string, given as never);
    },
    [command, args] as const
  );
}

/** Take a picture into test-results/, for people to look at. */
export async function picture(
  page: IJupyterLabPageFixture,
  name: string
): Promise<void> {
  await page.screenshot({
    path: path.join(__dirname, 'test-results', `${name}.png`)
  });
}

/** Nothing inside `selector` may break a rule of axe. */
export async function expectAccessible(
  page: IJupyterLabPageFixture,
  selector: string
): Promise<void> {
  await page.addScriptTag({ content: AXE });
  const found = await page.evaluate(async (where: string) => {
    const axe = (
      window as unknown as {
        axe: {
          run(where: string): Promise<{
            violations: {
              id: string;
              nodes: { html: string; failureSummary?: string }[];
            }[];
          }>;
        };
      }
    ).axe;
    const result = await axe.run(where);
    return result.violations.map(one => ({
      id: one.id,
      where: one.nodes.map(
        node =>
          `${node.html.slice(0, 200)} ${(node.failureSummary ?? '').slice(0, 300)}`
      )
    }));
  }, selector);
  expect(found, `axe in ${selector}`).toEqual([]);
}

/** Reload the page without waiting for a launcher, which a restored layout does not show. */
export async function reload(page: IJupyterLabPageFixture): Promise<void> {
  // Galata reads this option, its type does not name it.
  const options = { waitForIsReady: false } as Parameters<
    typeof page.reload
  >[0];
  await page.reload(options);
}
