/** The rows of the tree: one tab stop, moved by arrows; a context menu by Lab. */
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Status, UserText, useStudio } from '../../../components/common';
import { moveOf } from './model';
import type { ITreeNode } from './model';

interface ITreeProps {
  readonly rows: readonly ITreeNode[];
  readonly onToggle: (key: string) => void;
  readonly onOpen: (row: ITreeNode) => void;
  readonly onCommand: (row: ITreeNode, command: 'rename' | 'delete') => void;
  /** A trial was dropped on an experiment. */
  readonly onMove: (trial: string, experiment: ITreeNode) => void;
}

/** What a dragged trial is, to those who may take it. */
const DRAGGED = 'application/x-mlstudio-trial';

/** A trial can be dragged, an experiment takes it. */
function useDrag(
  row: ITreeNode,
  onMove: ITreeProps['onMove']
): React.HTMLAttributes<HTMLLIElement> & { 'data-over'?: boolean } {
  const [over, setOver] = React.useState(false);
  if (row.kind === 'trial') {
    return {
      draggable: true,
      onDragStart: event => {
        event.dataTransfer.setData(DRAGGED, row.name);
        event.dataTransfer.effectAllowed = 'move';
      }
    };
  }
  if (row.kind !== 'experiment') {
    return {};
  }
  return {
    'data-over': over || undefined,
    onDragOver: event => {
      if (event.dataTransfer.types.includes(DRAGGED)) {
        event.preventDefault();
        event.dataTransfer.dropEffect = 'move';
        setOver(true);
      }
    },
    onDragLeave: () => setOver(false),
    onDrop: event => {
      const trial = event.dataTransfer.getData(DRAGGED);
      setOver(false);
      if (trial !== '') {
        event.preventDefault();
        onMove(trial, row);
      }
    }
  };
}

function Badges(props: { readonly row: ITreeNode }): React.ReactElement {
  const { trans } = useStudio();
  const { row } = props;
  return (
    <span className="jp-Mlstudio-badges">
      {row.running > 0 && (
        <span className="jp-Mlstudio-running">
          {trans._n('%1 running', '%1 running', row.running)}
        </span>
      )}
      {row.starred && (
        <span
          className="jp-Mlstudio-star"
          role="img"
          aria-label={trans.__('starred')}
        >
          ★
        </span>
      )}
      {row.expanded !== undefined && (
        <span
          className="jp-Mlstudio-count"
          title={trans._n('%1 component', '%1 components', row.count)}
        >
          {row.count}
        </span>
      )}
    </span>
  );
}

/** Characters at the end of a long name that tell it from its neighbours. */
const TAIL = 8;

/** A name that is cut in its middle when there is no room: made-up names differ at their end. */
function Label(props: { readonly text: string }): React.ReactElement {
  const { text } = props;
  // Only plain names are split: letters that join or run right to left must stay together.
  if (text.length < 20 || !/^[\x20-\x7e]+$/.test(text)) {
    return <UserText text={text} />;
  }
  return (
    <bdi className="jp-Mlstudio-tree-split">
      <span>{text.slice(0, -TAIL)}</span>
      <span>{text.slice(-TAIL)}</span>
    </bdi>
  );
}

function noteText(name: string, trans: TranslationBundle): string {
  switch (name) {
    case 'loading':
      return trans.__('Loading…');
    case 'more':
      return trans.__('More in the table of the experiment');
    default:
      return trans.__('Nothing in here yet');
  }
}

interface IRowProps extends Omit<ITreeProps, 'rows' | 'onCommand'> {
  readonly row: ITreeNode;
  readonly focused: boolean;
  readonly onFocus: (key: string) => void;
}

const Row = React.memo(
  React.forwardRef<HTMLLIElement, IRowProps>((props, ref) => {
    const { trans } = useStudio();
    const { row, focused } = props;
    const drag = useDrag(row, props.onMove);
    const Caret = row.expanded ? caretDownIcon : caretRightIcon;
    return (
      <li
        ref={ref}
        role="treeitem"
        className="jp-Mlstudio-tree-row"
        data-kind={row.kind}
        data-name={row.name}
        {...drag}
        aria-level={row.level}
        aria-setsize={row.siblings}
        aria-posinset={row.position}
        aria-expanded={row.expanded}
        aria-selected={focused}
        tabIndex={focused ? 0 : -1}
        style={{ '--jp-mlstudio-level': row.level } as React.CSSProperties}
        onFocus={() => props.onFocus(row.key)}
        onClick={() => {
          if (row.kind !== 'note') {
            props.onOpen(row);
          }
        }}
      >
        {row.expanded !== undefined && (
          <span
            className="jp-Mlstudio-caret"
            aria-hidden="true"
            onClick={event => {
              event.stopPropagation();
              props.onToggle(row.key);
            }}
          >
            <Caret.react tag="span" elementSize="normal" />
          </span>
        )}
        {row.kind === 'component' && <Status status={row.status} />}
        <span
          className="jp-Mlstudio-tree-label"
          title={row.label.slice(0, 2000)}
        >
          {row.kind === 'note' ? (
            noteText(row.name, trans)
          ) : (
            <Label text={row.label} />
          )}
        </span>
        <Badges row={row} />
      </li>
    );
  })
);
Row.displayName = 'Row';

/** The tree of experiments, trials and components. */
export function Tree(props: ITreeProps): React.ReactElement {
  const { trans } = useStudio();
  const { rows, onToggle, onOpen, onCommand, onMove } = props;
  const [focus, setFocus] = React.useState<string | null>(null);
  const nodes = React.useRef(new Map<string, HTMLLIElement>());
  const current = rows.some(row => row.key === focus) ? focus : rows[0]?.key;

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const move = moveOf(rows, current ?? null, event.key);
    const row = rows.find(one => one.key === move?.key);
    if (!move || !row) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (move.do === 'toggle') {
      onToggle(move.key);
    } else if (move.do === 'open') {
      onOpen(row);
    } else if (move.do === 'command') {
      onCommand(row, move.command);
    } else {
      nodes.current.get(move.key)?.focus();
    }
  };

  return (
    <ul
      role="tree"
      className="jp-Mlstudio-tree"
      aria-label={trans.__('Experiments')}
      onKeyDown={onKeyDown}
    >
      {rows.map(row => (
        <Row
          key={row.key}
          ref={node => {
            if (node) {
              nodes.current.set(row.key, node);
            } else {
              nodes.current.delete(row.key);
            }
          }}
          row={row}
          focused={row.key === current}
          onFocus={setFocus}
          onToggle={onToggle}
          onOpen={onOpen}
          onMove={onMove}
        />
      ))}
    </ul>
  );
}
