/**
 * A small editor over a cell: a note, a tag, a display name.
 *
 * A click elsewhere keeps what was written (and can be undone); Escape does not. When somebody else
 * wrote the same thing meanwhile, both texts are shown and the user chooses.
 */
import { Notification } from '@jupyterlab/apputils';
import * as React from 'react';

import { bannerOf } from '../../../api/errors';
import type { ComponentRecord } from '../../../api/types';
import { useStudio } from '../../../components/common';
import { labelOf, Popover } from '../../../components/table';
import { offerUndo as tellUndo } from '../undo';
import {
  textOf,
  type IConflict,
  type IEdit,
  type Records,
  type TextKey
} from './edits';

/** The cell that is being edited. */
export interface IEditedCell {
  readonly name: string;
  readonly key: TextKey;
  readonly anchor: HTMLElement;
}

interface ICellEditorProps {
  readonly cell: IEditedCell;
  readonly records: Records;
  onClose(): void;
}

const MOST: Readonly<Record<string, number>> = {
  note: 1_000_000,
  display_name: 120
};

/** What could not be saved, by cell: it stands there when the cell is opened again. */
const drafts = new Map<string, { text: string; record: ComponentRecord }>();
const MOST_DRAFTS = 100;

const draftKey = (cell: IEditedCell): string => `${cell.key}\n${cell.name}`;

const orNull = (text: string): string | null =>
  text.trim() === '' ? null : text;

export function CellEditor(props: ICellEditorProps): JSX.Element {
  const { cell, records } = props;
  const { name, key } = cell;
  const services = useStudio();
  const { trans } = services;
  const [record, setRecord] = React.useState<ComponentRecord | null>(null);
  const [text, setText] = React.useState('');
  const [conflict, setConflict] = React.useState<IConflict | null>(null);
  const [problem, setProblem] = React.useState('');
  const [kept, setKept] = React.useState(false);
  const close = (): void => {
    drafts.delete(draftKey(cell));
    props.onClose();
  };
  const keep = (known: ComponentRecord): void => {
    drafts.delete(draftKey(cell));
    drafts.set(draftKey(cell), { text, record: known });
    for (const old of [...drafts.keys()].slice(0, -MOST_DRAFTS)) {
      drafts.delete(old);
    }
    Notification.warning(
      trans.__(
        'It was not saved. What you wrote stands there when you open the cell again.'
      )
    );
    props.onClose();
  };
  const fail = (error: unknown): void => {
    const { text: said, hint } = bannerOf(error, trans);
    setProblem(`${said} ${hint}`.trim());
  };
  React.useEffect(() => {
    let alive = true;
    records.read(name).then(
      found => {
        if (alive) {
          // A draft goes on from what its author saw: what others wrote since is met when it is saved.
          const draft = drafts.get(draftKey(cell));
          setRecord(draft?.record ?? found);
          setText(draft?.text ?? textOf(found, key) ?? '');
          setKept(draft !== undefined);
        }
      },
      (error: unknown) => alive && fail(error)
    );
    return () => {
      alive = false;
    };
  }, [records, name, key]);
  const saving = React.useRef(false);
  const save = async (over: IConflict | null): Promise<void> => {
    const known = over?.record ?? record;
    if (saving.current) {
      return; // Enter, and a click elsewhere before the answer is there.
    }
    if (known === null) {
      props.onClose();
      return;
    }
    const edit: IEdit = {
      name,
      key,
      base: over === null ? textOf(known, key) : over.theirs,
      next: orNull(text)
    };
    if (edit.next === edit.base) {
      close();
      return;
    }
    saving.current = true;
    try {
      const theirs = await records.save(edit, known);
      setConflict(theirs);
      if (theirs === null) {
        offerUndo(services, records, edit);
        close();
      }
    } catch (error) {
      fail(error);
    } finally {
      saving.current = false;
    }
  };
  const label = trans.__(
    '%1 of %2',
    labelOf(key, trans).slice(0, 80),
    name.slice(0, 80)
  );
  return (
    <Popover
      anchor={cell.anchor}
      role="dialog"
      label={label}
      onClose={cancelled => {
        const dirty = record !== null && text !== (textOf(record, key) ?? '');
        if (cancelled || !dirty) {
          close();
        } else if (conflict !== null || problem !== '') {
          keep(record);
        } else {
          void save(null);
        }
      }}
    >
      <Field
        label={label}
        long={key === 'note'}
        most={MOST[key] ?? 10_000}
        text={text}
        waits={record === null && problem === ''}
        onText={setText}
        onSave={() => void save(conflict)}
      />
      {kept && (
        <p className="jp-Mlstudio-hint">
          {trans.__('This was not saved yet.')}
        </p>
      )}
      {conflict !== null && (
        <div role="alert" className="jp-Mlstudio-theirs">
          <p>{trans.__('Somebody else wrote this meanwhile:')}</p>
          <pre>
            <bdi>{conflict.theirs ?? trans.__('(nothing)')}</bdi>
          </pre>
        </div>
      )}
      {problem !== '' && (
        <p role="alert" className="jp-Mlstudio-queryError">
          <bdi>{problem}</bdi>
        </p>
      )}
      <div className="jp-Mlstudio-columnActions">
        {conflict !== null && (
          <button type="button" className="jp-Mlstudio-button" onClick={close}>
            {trans.__('Keep theirs')}
          </button>
        )}
        <button
          type="button"
          className="jp-Mlstudio-button jp-mod-primary"
          disabled={record === null}
          onClick={() => void save(conflict)}
        >
          {conflict === null
            ? trans.__('Save')
            : trans.__('Write mine over it')}
        </button>
        <span className="jp-Mlstudio-hint">
          {key === 'note'
            ? trans.__('Markdown; Ctrl+Enter saves, Escape leaves')
            : trans.__('Enter saves, Escape leaves; empty takes it away')}
        </span>
      </div>
    </Popover>
  );
}

function Field(props: {
  label: string;
  long: boolean;
  most: number;
  text: string;
  waits: boolean;
  onText(text: string): void;
  onSave(): void;
}): JSX.Element {
  const { text, waits, onText, onSave, most, label } = props;
  const shared = {
    value: text,
    maxLength: most,
    readOnly: waits,
    'aria-label': label,
    'aria-busy': waits,
    className: 'jp-Mlstudio-input',
    onChange: (
      event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>
    ) => onText(event.target.value)
  };
  return props.long ? (
    <textarea
      {...shared}
      rows={6}
      onKeyDown={event => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          onSave();
        }
      }}
    />
  ) : (
    <input
      {...shared}
      onKeyDown={event => {
        if (event.key === 'Enter') {
          event.preventDefault();
          onSave();
        }
      }}
    />
  );
}

function offerUndo(
  services: ReturnType<typeof useStudio>,
  records: Records,
  edit: IEdit
): void {
  const { trans } = services;
  const undo = async (): Promise<void> => {
    try {
      const back = { ...edit, base: edit.next, next: edit.base };
      if ((await records.save(back)) !== null) {
        Notification.warning(
          trans.__('Somebody else changed it since; nothing was undone.')
        );
      }
    } catch (error) {
      Notification.error(bannerOf(error, trans).text);
    }
  };
  tellUndo(
    trans.__('%1 was changed.', labelOf(edit.key, trans).slice(0, 80)),
    trans,
    () => void undo()
  );
}
