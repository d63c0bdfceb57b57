/**
 * Browser journeys in Debian's Chromium: `jlpm galata`.
 *
 * Port and home come from the environment, so that two checkouts can test side by side:
 * MLSTUDIO_UI_PORT (default 18899), MLSTUDIO_UI_HOME (default a fresh temporary folder).
 */
const fs = require('fs');
const os = require('os');
const path = require('path');
const base = require('@jupyterlab/galata/lib/playwright-config');

// Workers read this file again: what the first reading chose is handed on by the environment.
process.env.MLSTUDIO_UI_PORT ??= '18899';
process.env.MLSTUDIO_UI_HOME ??= fs.mkdtempSync(
  path.join(os.tmpdir(), 'mlstudio-ui-')
);
// The agent of the test home leaves soon after its last job.
process.env.MLSTUDIO_AGENT_IDLE ??= '30';
const url = `http://127.0.0.1:${process.env.MLSTUDIO_UI_PORT}`;

module.exports = {
  ...base,
  testDir: __dirname,
  outputDir: path.join(__dirname, 'test-results'),
  timeout: 90000,
  workers: 1,
  retries: 0,
  reporter: [['list']],
  // One store for all journeys: what an empty one shows is looked at first.
  projects: [
    { name: 'empty', testMatch: /studio\.spec\.ts/ },
    { name: 'filled', testIgnore: /studio\.spec\.ts/ }
  ],
  use: {
    ...base.use,
    baseURL: url,
    video: 'off',
    viewport: { width: 1400, height: 900 },
    launchOptions: {
      executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-dev-shm-usage',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync'
      ]
    }
  },
  webServer: {
    command: 'jupyter lab --config ui-tests/jupyter_server_test_config.py',
    url: `${url}/lab`,
    timeout: 120000,
    reuseExistingServer: false,
    cwd: path.dirname(__dirname),
    stdout: 'ignore',
    stderr: process.env.MLSTUDIO_UI_LOG ? 'pipe' : 'ignore',
    env: { ...process.env, MLSTUDIO_HOME: process.env.MLSTUDIO_UI_HOME }
  }
};
