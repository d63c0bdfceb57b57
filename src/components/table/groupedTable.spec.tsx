import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { StudioProvider } from '../common/context';
import type { IStudioServices } from '../common/view';
import { groupOf, type IColumn } from './columns';
import { CLOSED, GroupedRows, toggleGroup } from './grouping';
import { DEFAULT_LAYOUT } from './layout';
import { LocalRows } from './localRows';
import { testPage } from './page.fixture';
import { Selection } from './selection';
import { DataTable, type CellAct } from './table';

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
const EVIL = '<img src=x onerror=alert(1)>';
const columns: IColumn[] = ['starred', 'name', 'params.opt', 'note'].map(
  key => ({ key, group: groupOf(key), kind: 'category', distinct: 3 })
);

let root: Root | null = null;
let selection = Selection.empty;
const acts: [CellAct, string, string][] = [];
const LABEL = 'Trials';

function world(): void {
  const flat = new LocalRows(
    testPage(['a', 'b', 'c'], {
      starred: [1, 0, 0],
      'params.opt': ['adam', EVIL, 'adam'],
      note: ['n', null, null]
    })
  );
  const rows = new GroupedRows(flat, ['params.opt']);
  function Host(): JSX.Element {
    const [open, setOpen] = React.useState(CLOSED);
    const [chosen, setChosen] = React.useState(Selection.empty);
    selection = chosen;
    React.useLayoutEffect(() => rows.setOpen(open), [open]);
    return (
      <StudioProvider services={services}>
        <DataTable
          label={LABEL}
          source={rows}
          columns={columns}
          layout={{ ...DEFAULT_LAYOUT, shown: ['note', 'params.opt'] }}
          sort={[]}
          selection={chosen}
          trans={trans}
          columnMenu={null}
          onLayout={() => undefined}
          onSort={() => undefined}
          onSelection={setChosen}
          onOpen={() => undefined}
          onToggleGroup={id => setOpen(now => toggleGroup(now, id))}
          onCell={(act, name, key) => {
            acts.push([act, name, key]);
            return true;
          }}
          onColumnMenuClose={() => undefined}
        />
      </StudioProvider>
    );
  }
  const host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
  React.act(() => root?.render(<Host />));
}

const cell = (row: number, col: number): HTMLElement =>
  document.querySelector<HTMLElement>(
    `[data-row="${row}"][data-col="${col}"]`
  ) as HTMLElement;
const lines = (): HTMLElement[] => [
  ...document.querySelectorAll<HTMLElement>('.jp-Mlstudio-tableRow')
];
const press = (node: Element, key: string): void =>
  React.act(() => {
    const event = { key, bubbles: true, cancelable: true };
    node.dispatchEvent(new KeyboardEvent('keydown', event));
  });
const click = (node: Element): void =>
  React.act(() => {
    node.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  });

beforeEach(() => {
  // jsdom lays nothing out.
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(900);
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(300);
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(300);
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(900);
  acts.length = 0;
  world();
});

afterEach(() => {
  React.act(() => root?.unmount());
  document.body.replaceChildren();
});

describe('a table of groups', () => {
  it('is a tree grid whose lines say what they are of, as text', () => {
    expect(document.querySelector('[role=treegrid]')).not.toBeNull();
    expect(lines().map(l => l.getAttribute('aria-expanded'))).toEqual([
      'false',
      'false'
    ]);
    expect(document.querySelector('img')).toBeNull();
    expect(lines()[0].textContent).toContain(EVIL);
    expect(lines()[1].textContent).toContain('adam');
  });

  it('opens and closes with the arrows, and goes from a row to its group', () => {
    press(cell(1, 2), 'ArrowRight');
    expect(lines()).toHaveLength(4);
    expect(lines()[1].getAttribute('aria-expanded')).toBe('true');
    expect(lines()[2].getAttribute('aria-level')).toBe('2');
    press(cell(3, 0), 'ArrowLeft');
    expect(document.activeElement).toBe(cell(1, 0));
    press(cell(1, 0), 'ArrowLeft');
    expect(lines()).toHaveLength(2);
  });

  it('opens with a click and selects with the check box, all rows of it', () => {
    click(cell(1, 2));
    expect(lines()).toHaveLength(4);
    click(cell(1, 0));
    expect([...selection.names]).toEqual(['a', 'c']);
    press(cell(1, 0), ' ');
    expect(selection.size).toBe(0);
  });

  it('leaves keys of cells to whoever edits them', () => {
    click(cell(1, 2));
    press(cell(2, 2), 's');
    press(cell(2, 2), 'F2');
    press(cell(2, 4), 'Enter');
    click(cell(2, 1).querySelector('[data-edit]') as Element);
    expect(acts).toEqual([
      ['s', 'a', 'name'],
      ['F2', 'a', 'name'],
      ['Enter', 'a', 'note'],
      ['click', 'a', 'starred']
    ]);
  });
});
