/** Going to a row by its name: the table scrolls there, opens the group that hides it, and focuses it. */
import { launchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { UserText, useStudio } from '../../../components/common';
import { Popover, type IRowSource } from '../../../components/table';
import { ToolFace } from './toolFace';

interface IJumpProps {
  readonly rows: IRowSource | null;
  onJump(name: string): void;
  /** Where not all rows are here, the name filter finds it. */
  onFilter(text: string): void;
}

const LISTED = 12;

/** Names that begin with the text, then those that hold it, as the rows stand. */
export function findNames(rows: IRowSource, text: string): string[] {
  const needle = text.trim().toLowerCase();
  if (needle === '') {
    return [];
  }
  const begins: string[] = [];
  const holds: string[] = [];
  for (let i = 0; i < rows.count && begins.length < LISTED; i++) {
    const name = rows.nameAt(i);
    if (name === undefined) {
      continue;
    }
    const words = [name.toLowerCase(), rows.labelOf(name).toLowerCase()];
    if (words.some(one => one.startsWith(needle))) {
      begins.push(name);
    } else if (holds.length < LISTED && words.some(w => w.includes(needle))) {
      holds.push(name);
    }
  }
  return [...begins, ...holds].slice(0, LISTED);
}

export function JumpBox(props: IJumpProps): JSX.Element {
  const { trans } = useStudio();
  const [anchor, setAnchor] = React.useState<HTMLElement | null>(null);
  const close = React.useCallback(() => setAnchor(null), []);
  return (
    <>
      <button
        type="button"
        className="jp-Mlstudio-button jp-Mlstudio-menuButton"
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        disabled={props.rows === null || props.rows.count === 0}
        title={trans.__('Go to a trial by its name')}
        onClick={event =>
          setAnchor(anchor === null ? event.currentTarget : null)
        }
      >
        <ToolFace icon={launchIcon} label={trans.__('Go to…')} />
      </button>
      {anchor !== null && (
        <JumpPanel {...props} anchor={anchor} onClose={close} />
      )}
    </>
  );
}

function JumpPanel(
  props: IJumpProps & { anchor: HTMLElement; onClose(): void }
): JSX.Element {
  const { rows, onJump, onFilter, onClose } = props;
  const { trans } = useStudio();
  const [text, setText] = React.useState('');
  const found = React.useMemo(
    () => (rows === null ? [] : findNames(rows, text)),
    [rows, text]
  );
  const jump = (name: string): void => {
    onClose();
    onJump(name);
  };
  const filter = (): void => {
    onClose();
    onFilter(text.trim());
  };
  return (
    <Popover
      anchor={props.anchor}
      role="dialog"
      label={trans.__('Go to a trial')}
      onClose={onClose}
    >
      <input
        type="search"
        className="jp-Mlstudio-input"
        value={text}
        maxLength={200}
        placeholder={trans.__('Name')}
        aria-label={trans.__('Name of a trial')}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && text.trim() !== '') {
            event.preventDefault();
            if (found.length > 0) {
              jump(found[0]);
            } else if (rows?.complete === false) {
              filter();
            }
          }
        }}
      />
      {found.map(name => (
        <button
          key={name}
          type="button"
          className="jp-Mlstudio-menuItem jp-mod-wide"
          onClick={() => jump(name)}
        >
          <UserText text={rows?.labelOf(name) ?? name} max={60} />
        </button>
      ))}
      {text.trim() !== '' && found.length === 0 && (
        <p className="jp-Mlstudio-hint">
          {rows?.complete === false
            ? trans.__('Not among the rows at hand: Enter filters by it.')
            : trans.__('No row that is shown has this name.')}
        </p>
      )}
    </Popover>
  );
}
