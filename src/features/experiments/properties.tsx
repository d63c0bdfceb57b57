/** The properties of an experiment, trial or component, in a dialog: names and times, tags, notes. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { asStudioError } from '../../api/errors';
import { UserText, formatTime } from '../../components/common';
import type { IStudioServices } from '../../components/common';
import { attempt, labelOf, pathOf, send } from './actions';
import type { ITarget } from './actions';
import { changesOf, draftOf } from './draft';
import type { IDraft, IRecord } from './draft';

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

/** Show the properties, and store what was changed. */
export async function properties(
  services: IStudioServices,
  target: ITarget
): Promise<void> {
  const { trans } = services;
  await attempt(services, trans.__('Properties'), async () => {
    let record = await read(services, target);
    for (;;) {
      const first = draftOf(record);
      const answer = await showDialog({
        title: trans.__('Properties of “%1”', labelOf(target)),
        body: new Body({ trans, record, first }),
        buttons: [
          Dialog.cancelButton(),
          Dialog.okButton({ label: trans.__('Save') })
        ]
      });
      const changes = changesOf(answer.value ?? first, record);
      if (!answer.button.accept || Object.keys(changes).length === 0) {
        return;
      }
      try {
        const { version } = record;
        await send(services, 'PATCH', pathOf(target), { ...changes, version });
        return;
      } catch (error) {
        if (asStudioError(error).code !== 'version_conflict') {
          throw error;
        }
      }
      record = await read(services, target);
      if ((await whose(services, record)) === 'mine') {
        await send(services, 'PATCH', pathOf(target), changes);
        return;
      }
    }
  });
}
