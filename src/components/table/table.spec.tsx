import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { StudioProvider } from '../common/context';
import type { IStudioServices } from '../common/view';
import { groupOf, type IColumn, type ISortKey } from './columns';
import { DEFAULT_LAYOUT, type ITableLayout } from './layout';
import { LocalRows } from './localRows';
import { testPage } from './page.fixture';
import { Selection } from './selection';
import { DataTable } from './table';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;
let root: Root | null = null;

function render(element: JSX.Element): void {
  const host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
  React.act(() => root?.render(element));
}

function fire(node: Element, event: Event): void {
  React.act(() => {
    node.dispatchEvent(event);
  });
}

const click = (node: Element, keys: MouseEventInit = {}): void =>
  fire(node, new MouseEvent('click', { bubbles: true, ...keys }));
const press = (
  node: Element,
  key: string,
  keys: KeyboardEventInit = {}
): void =>
  fire(
    node,
    new KeyboardEvent('keydown', {
      bubbles: true,
      cancelable: true,
      key,
      ...keys
    })
  );
const all = (selector: string): HTMLElement[] => [
  ...document.querySelectorAll<HTMLElement>(selector)
];
const title = (label: string): HTMLElement =>
  all('[role=columnheader]').find(node =>
    node.textContent?.includes(label)
  ) as HTMLElement;

const trans = nullTranslator.load('mlstudio');
const services = {
  trans,
  api: {},
  live: null,
  themes: null
} as unknown as IStudioServices;
const columns: IColumn[] = [
  'name',
  'status',
  'metrics.loss.last',
  'params.lr'
].map(key => ({
  key,
  group: groupOf(key),
  kind: groupOf(key) === 'meta' ? 'category' : 'float',
  distinct: 5
}));
const LABEL = 'Trials';
const EVIL = '<img src=x onerror=alert(1)>';

function world(n = 1000) {
  const names = Array.from({ length: n }, (_, i) =>
    i === 1 ? EVIL : `run-${i}`
  );
  const source = new LocalRows(
    testPage(names, {
      status: names.map(() => 'Completed'),
      'metrics.loss.last': names.map((_, i) => (i === 2 ? NaN : i / 10)),
      'params.lr': names.map((_, i) => (i === 3 ? null : i))
    })
  );
  const opened = vi.fn();
  const seen: {
    selection: Selection;
    sort: readonly ISortKey[];
    layout: ITableLayout;
  } = {
    selection: Selection.empty,
    sort: [],
    layout: DEFAULT_LAYOUT
  };
  function Host(): JSX.Element {
    const [selection, setSelection] = React.useState(Selection.empty);
    const [sort, setSort] = React.useState<readonly ISortKey[]>([]);
    const [layout, setLayout] = React.useState(DEFAULT_LAYOUT);
    Object.assign(seen, { selection, sort, layout });
    return (
      <StudioProvider services={services}>
        <DataTable
          label={LABEL}
          source={source}
          columns={columns}
          layout={layout}
          sort={sort}
          selection={selection}
          trans={trans}
          columnMenu={null}
          empty={<p className={LABEL}>{LABEL}</p>}
          onLayout={setLayout}
          onSort={next => {
            source.sort(next);
            setSort(next);
          }}
          onSelection={setSelection}
          onOpen={opened}
          onColumnMenuClose={() => undefined}
        />
      </StudioProvider>
    );
  }
  render(<Host />);
  return { source, seen, opened };
}

const cell = (row: number, col: number): HTMLElement =>
  document.querySelector<HTMLElement>(
    `[data-row="${row}"][data-col="${col}"]`
  ) as HTMLElement;

beforeEach(() => {
  // jsdom lays nothing out.
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(118);
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(300);
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(900);
});
afterEach(() => {
  React.act(() => root?.unmount());
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

describe('the table as assistive technology sees it', () => {
  it('is a grid that says how large it is while it draws a window', () => {
    world();
    const grid = all('[role=grid][aria-label=Trials]')[0];
    expect(grid.getAttribute('aria-rowcount')).toBe('1001');
    expect(grid.getAttribute('aria-colcount')).toBe('5');
    const rows = all('[role=row]');
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.length).toBeLessThan(60);
    expect(rows.slice(0, 3).map(r => r.getAttribute('aria-rowindex'))).toEqual([
      '1',
      '2',
      '3'
    ]);
    expect(cell(0, 2).getAttribute('aria-colindex')).toBe('3');
  });

  it('has one tab stop', () => {
    world();
    expect(
      document.querySelectorAll('[role=grid] [tabindex="0"]')
    ).toHaveLength(1);
  });

  it('says which column is sorted and which rows are selected', () => {
    const { seen } = world();
    click(title('loss'));
    expect(title('loss').getAttribute('aria-sort')).toBe('ascending');
    expect(seen.sort).toEqual([{ key: 'metrics.loss.last', desc: false }]);
    click(cell(0, 2));
    expect(
      cell(0, 2).closest('[role=row]')?.getAttribute('aria-selected')
    ).toBe('true');
  });

  it('writes names as text, missing values and NaN as what they are', () => {
    world();
    expect(cell(1, 1).querySelector('bdi')?.textContent).toBe(EVIL);
    expect(document.querySelector('img')).toBeNull();
    expect(cell(2, 3).textContent).toBe('NaN');
    expect(cell(3, 4).textContent).toBe('–');
  });

  it('shows what stands for no rows', () => {
    world(0);
    expect(all('p.Trials')).toHaveLength(1);
  });
});

describe('the table by mouse', () => {
  it('selects one row, a range with shift, and more with Ctrl or the box', () => {
    const { seen } = world();
    click(cell(0, 2));
    click(cell(3, 2), { shiftKey: true });
    expect([...seen.selection.names]).toEqual([
      'run-0',
      EVIL,
      'run-2',
      'run-3'
    ]);
    click(cell(2, 2), { ctrlKey: true });
    expect(seen.selection.has('run-2')).toBe(false);
    click(cell(5, 0));
    expect(seen.selection.has('run-5')).toBe(true);
    click(cell(-1, 0));
    expect(seen.selection.size).toBe(1000);
  });

  it('opens a component by its name, and by a double click', () => {
    const { opened } = world();
    click(cell(0, 1).querySelector('[data-open]') as Element);
    fire(cell(4, 3), new MouseEvent('dblclick', { bubbles: true }));
    expect(opened.mock.calls).toEqual([['run-0'], ['run-4']]);
  });
});

describe('the table by keyboard', () => {
  it('moves, selects with Space and Shift, opens with Enter', () => {
    const { seen, opened } = world();
    click(cell(0, 2), { ctrlKey: true });
    press(cell(0, 2), 'ArrowDown');
    expect(document.activeElement).toBe(cell(1, 2));
    press(cell(1, 2), ' ');
    expect([...seen.selection.names]).toEqual(['run-0', EVIL]);
    press(cell(1, 2), 'ArrowDown', { shiftKey: true });
    expect([...seen.selection.names]).toEqual([EVIL, 'run-2']);
    press(cell(2, 2), 'Enter');
    expect(opened).toHaveBeenCalledWith('run-2');
    press(cell(2, 2), 'Escape');
    expect(seen.selection.size).toBe(0);
  });

  it('sorts, moves and resizes a column from its title', () => {
    const { seen } = world();
    press(cell(-1, 3), 'Enter');
    press(cell(-1, 4), ' ', { shiftKey: true });
    expect(seen.sort.map(s => s.key)).toEqual([
      'metrics.loss.last',
      'params.lr'
    ]);
    press(cell(-1, 3), 'ArrowRight', { altKey: true });
    expect(seen.layout.order.indexOf('params.lr')).toBeLessThan(
      seen.layout.order.indexOf('metrics.loss.last')
    );
    press(cell(-1, 2), 'ArrowRight', { shiftKey: true });
    expect(seen.layout.widths.status).toBe(134);
  });

  it('opens the menu of a column, which hides it', () => {
    const { seen } = world();
    press(cell(-1, 4), 'ArrowDown', { altKey: true });
    const menu = all('[role=menu]')[0];
    expect(menu.contains(document.activeElement)).toBe(true);
    click(
      all('[role=menuitem]').find(
        node => node.textContent === 'Hide'
      ) as Element
    );
    expect(seen.layout.hidden).toEqual(['params.lr']);
    expect(all('[role=menu]')).toHaveLength(0);
  });

  it('copies the selected rows in their order', () => {
    world();
    click(cell(2, 2), { ctrlKey: true });
    click(cell(0, 2), { ctrlKey: true });
    const data = new Map<string, string>();
    const copy = new Event('copy', { bubbles: true, cancelable: true });
    Object.defineProperty(copy, 'clipboardData', {
      value: { setData: (type: string, text: string) => data.set(type, text) }
    });
    fire(cell(0, 2), copy);
    expect(data.get('text/plain')?.split('\n')).toEqual([
      'Name\tStatus\tloss\tlr',
      'run-0\tCompleted\t0\t0',
      'run-2\tCompleted\tNaN\t2'
    ]);
  });
});
