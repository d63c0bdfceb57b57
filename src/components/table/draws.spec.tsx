import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { StudioProvider } from '../common/context';
import type { IStudioServices } from '../common/view';
import { groupOf, type IColumn } from './columns';
import { DEFAULT_LAYOUT } from './layout';
import { LocalRows } from './localRows';
import { testPage } from './page.fixture';
import { ROW_HEIGHT } from './row';
import { Selection } from './selection';
import { DataTable } from './table';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

const trans = nullTranslator.load('mlstudio');
const services = {
  trans,
  api: {},
  live: null,
  themes: null
} as unknown as IStudioServices;
const METRICS = Array.from({ length: 40 }, (_, i) => `metrics.m${i}.last`);
const columns: IColumn[] = ['name', ...METRICS].map(key => ({
  key,
  group: groupOf(key),
  kind: key === 'name' ? 'category' : 'float',
  distinct: 5
}));
const LAYOUT = { ...DEFAULT_LAYOUT, shown: METRICS };
const NONE: never[] = [];
const LABEL = 'Trials';
const ignore = (): void => undefined;

let root: Root | null = null;
/** Cells that were drawn: row and column. */
let drawn: string[] = [];

function world(): HTMLElement {
  const names = Array.from({ length: 1000 }, (_, i) => `run-${i}`);
  const numbers = names.map((_, i) => i / 7);
  const source = new LocalRows(
    testPage(names, Object.fromEntries(METRICS.map(key => [key, numbers])))
  );
  const read = source.cell.bind(source);
  source.cell = (row, key) => {
    drawn.push(`${row} ${key}`);
    return read(row, key);
  };
  const host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
  React.act(() =>
    root?.render(
      <StudioProvider services={services}>
        <DataTable
          label={LABEL}
          source={source}
          columns={columns}
          layout={LAYOUT}
          sort={NONE}
          selection={Selection.empty}
          trans={trans}
          columnMenu={null}
          onLayout={ignore}
          onSort={ignore}
          onSelection={ignore}
          onOpen={ignore}
          onColumnMenuClose={ignore}
        />
      </StudioProvider>
    )
  );
  return host.querySelector('[role=grid]') as HTMLElement;
}

function scroll(grid: HTMLElement, to: { top?: number; left?: number }): void {
  drawn = [];
  React.act(() => {
    grid.scrollTop = to.top ?? grid.scrollTop;
    grid.scrollLeft = to.left ?? grid.scrollLeft;
    grid.dispatchEvent(new Event('scroll'));
  });
}

const shownRows = (): number =>
  document.querySelectorAll('.jp-Mlstudio-tableRow').length;
/** Columns of a row that are drawn, without the check box. */
const shownColumns = (): number =>
  document.querySelectorAll(
    '.jp-Mlstudio-tableRow:first-child [data-col]:not([data-col="0"])'
  ).length;

beforeEach(() => {
  // jsdom lays nothing out.
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(900);
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(300);
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(300);
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(900);
});

afterEach(() => {
  React.act(() => root?.unmount());
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

describe('what a scroll draws', () => {
  it('is the row that comes into sight, not the window', () => {
    const grid = world();
    // Away from the top, where rows are drawn before the first visible one too.
    scroll(grid, { top: 400 * ROW_HEIGHT });
    expect(drawn).toHaveLength(shownRows() * shownColumns());
    scroll(grid, { top: 401 * ROW_HEIGHT });
    const rows = new Set(drawn.map(cell => cell.split(' ')[0]));
    expect([...rows]).toHaveLength(1);
    expect(drawn).toHaveLength(shownColumns());
  });

  it('is nothing while no other row comes into sight', () => {
    const grid = world();
    scroll(grid, { top: 400 * ROW_HEIGHT + 2 });
    scroll(grid, { top: 400 * ROW_HEIGHT + 8 });
    expect(drawn).toEqual([]);
  });

  it('is the column that comes into sight, once in each row', () => {
    const grid = world();
    scroll(grid, { left: 1000 });
    const before = new Set(drawn.map(cell => cell.split(' ')[1]));
    scroll(grid, { left: 1100 });
    const keys = new Set(drawn.map(cell => cell.split(' ')[1]));
    expect(keys.size).toBeGreaterThan(0);
    expect(keys.size).toBeLessThan(3);
    expect(drawn).toHaveLength(keys.size * shownRows());
    expect([...keys].filter(key => before.has(key))).toEqual([]);
  });
});
