/** The properties of an experiment, trial or component, in a dialog: names and times, tags, notes. */
import { Dialog, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { asStudioError, bannerOf } from '../../api/errors';
import { UserText, formatTime } from '../../components/common';
import type { IStudioServices } from '../../components/common';
import { attempt, labelOf, pathOf, send } from './actions';
import type { ITarget } from './actions';
import { changesOf, draftOf, mergedChanges } from './draft';
import type { IChanges, IDraft, IRecord } from './draft';

interface IBodyProps {
  readonly trans: IStudioServices['trans'];
  readonly record: IRecord;
  readonly first: IDraft;
  readonly onDraft: (draft: IDraft) => void;
}

function Inside(props: IBodyProps): React.ReactElement {
  const { trans, record } = props;
  const id = React.useId();
  const [draft, setDraft] = React.useState(props.first);
  const change = (part: Partial<IDraft>): void => {
    const next = { ...draft, ...part };
    setDraft(next);
    props.onDraft(next);
  };
  const facts: [string, React.ReactNode][] = [
    [trans.__('Name'), <UserText text={record.name} />],
    [
      trans.__('Made'),
      <>
        {formatTime(record.created_at)} · <UserText text={record.created_by} />
      </>
    ],
    [
      trans.__('Changed'),
      <>
        {formatTime(record.modified_at)} ·{' '}
        <UserText text={record.modified_by} />
      </>
    ]
  ];
  if (typeof record.trials === 'number') {
    facts.push([trans.__('Trials'), String(record.trials)]);
  }
  if (typeof record.components === 'number') {
    facts.push([trans.__('Components'), String(record.components)]);
  }
  return (
    <div className="jp-Mlstudio-properties">
      <dl className="jp-Mlstudio-fields">
        {facts.map(([name, value]) => (
          <div className="jp-Mlstudio-fact" key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <label htmlFor={`${id}-label`}>{trans.__('Display name')}</label>
      <input
        id={`${id}-label`}
        className="jp-Mlstudio-filter"
        value={draft.label}
        onChange={event => change({ label: event.target.value })}
      />
      <label htmlFor={`${id}-tags`}>
        {trans.__('Tags, one a line: key = value')}
      </label>
      <textarea
        id={`${id}-tags`}
        className="jp-Mlstudio-area"
        rows={4}
        spellCheck={false}
        value={draft.tags}
        onChange={event => change({ tags: event.target.value })}
      />
      <label htmlFor={`${id}-notes`}>{trans.__('Notes, in Markdown')}</label>
      <textarea
        id={`${id}-notes`}
        className="jp-Mlstudio-area"
        rows={8}
        value={draft.notes}
        onChange={event => change({ notes: event.target.value })}
      />
    </div>
  );
}

class Body extends ReactWidget {
  constructor(private readonly props: Omit<IBodyProps, 'onDraft'>) {
    super();
    this.addClass('jp-Mlstudio');
    this.draft = props.first;
  }

  getValue(): IDraft {
    return this.draft;
  }

  protected override render(): React.ReactElement {
    return (
      <Inside
        {...this.props}
        onDraft={draft => {
          this.draft = draft;
        }}
      />
    );
  }

  private draft: IDraft;
}

async function read(
  services: IStudioServices,
  target: ITarget
): Promise<IRecord> {
  const answer = await services.api.request(pathOf(target));
  return (await answer.json()) as IRecord;
}

/** Somebody else wrote meanwhile: show what is there now, and ask whose is to stand. */
async function whose(
  services: IStudioServices,
  theirs: IRecord
): Promise<'mine' | 'theirs'> {
  const { trans } = services;
  const answer = await showDialog({
    title: trans.__('Changed by somebody else'),
    body: trans.__(
      'While you were writing, %1 changed this record. Its notes are now: “%2”',
      theirs.modified_by,
      (theirs.description ?? '').slice(0, 400)
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Look at theirs') }),
      Dialog.warnButton({ label: trans.__('Save mine') })
    ]
  });
  return answer.button.accept ? 'mine' : 'theirs';
}

/** A run that logs changes its record all the time. */
const TRIES = 4;

/** Write changes of a record that was seen so; null when that is done, else what stands there now. */
async function write(
  services: IStudioServices,
  target: ITarget,
  seen: IRecord,
  wanted: IChanges
): Promise<IRecord | null> {
  let [now, changes] = [seen, wanted];
  for (let left = TRIES; ; left--) {
    try {
      const { version } = now;
      await send(services, 'PATCH', pathOf(target), { ...changes, version });
      return null;
    } catch (error) {
      if (asStudioError(error).code !== 'version_conflict' || left === 0) {
        throw error;
      }
    }
    now = await read(services, target);
    const merged = mergedChanges(wanted, seen, now);
    if (merged.clash) {
      return now;
    }
    ({ changes } = merged);
  }
}

/** Write what was changed; `theirs` when the user wants to see the other changes first. */
async function store(
  services: IStudioServices,
  target: ITarget,
  record: IRecord,
  changes: IChanges
): Promise<{ theirs: IRecord | null }> {
  let [seen, mine] = [record, changes];
  for (;;) {
    const now = await write(services, target, seen, mine);
    if (now === null || (await whose(services, now)) === 'theirs') {
      return { theirs: now };
    }
    mine = mergedChanges(mine, seen, now).changes;
    seen = now;
  }
}

/** Show the properties, and store what was changed. What cannot be stored is not lost. */
export async function properties(
  services: IStudioServices,
  target: ITarget
): Promise<void> {
  const { trans } = services;
  await attempt(services, trans.__('Properties'), async () => {
    let record = await read(services, target);
    let draft = draftOf(record);
    for (;;) {
      const answer = await showDialog({
        title: trans.__('Properties of “%1”', labelOf(target)),
        body: new Body({ trans, record, first: draft }),
        buttons: [
          Dialog.cancelButton(),
          Dialog.okButton({ label: trans.__('Save') })
        ]
      });
      draft = answer.value ?? draft;
      const changes = changesOf(draft, record);
      if (!answer.button.accept || Object.keys(changes).length === 0) {
        return;
      }
      try {
        const { theirs } = await store(services, target, record, changes);
        if (theirs === null) {
          return;
        }
        [record, draft] = [theirs, draftOf(theirs)];
      } catch (error) {
        const { text, hint } = bannerOf(error, trans);
        await showErrorMessage(
          trans.__('Properties'),
          `${text} ${hint}`.trim()
        );
      }
    }
  });
}
