/**
 * Notes in Markdown: to read, and to write.
 *
 * A write carries the version that was read: when somebody else wrote meanwhile, both texts are
 * shown and nothing is lost.
 */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import * as React from 'react';

import { unwrap } from '../../../api/client';
import { asStudioError } from '../../../api/errors';
import type { ComponentRecord } from '../../../api/types';
import {
  Banner,
  Markdown,
  UserText,
  formatTime,
  useStudio
} from '../../../components/common';

/** A preview may come a little later than the keys. */
const QUIET_MS = 400;

/** Longer texts are not broken into lines: the browser would do it again with every key. */
const MAX_WRAPPED = 64 * 1024;

/** Longer texts are shown, not edited: a text field would stand still with every key. */
const MAX_EDITED = 256 * 1024;

/** What was written and not saved yet, by component: who looks into another tab loses nothing. */
const drafts = new Map<string, { text: string; base: ComponentRecord }>();

interface IEditorProps {
  readonly component: ComponentRecord;
  readonly onDone: () => void;
}

/** Both texts, when two wrote at the same time. */
function Conflict(props: {
  readonly theirs: ComponentRecord;
  readonly onTheirs: () => void;
  readonly onMine: () => void;
  readonly onBoth: () => void;
}): React.ReactElement {
  const { trans } = useStudio();
  const { theirs } = props;
  return (
    <div className="jp-Mlstudio-conflict" role="alert">
      <p>
        {trans.__('While you were writing, this note was changed by')}{' '}
        <UserText text={theirs.modified_by} max={60} /> (
        {formatTime(theirs.modified_at)}). {trans.__('It says now:')}
      </p>
      <pre
        className="jp-Mlstudio-code"
        tabIndex={0}
        role="region"
        aria-label={trans.__('The other text')}
      >
        <bdi>{theirs.description ?? ''}</bdi>
      </pre>
      <div className="jp-Mlstudio-row">
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={props.onTheirs}
        >
          {trans.__('Keep theirs')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={props.onMine}
        >
          {trans.__('Save mine instead')}
        </button>
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={props.onBoth}
        >
          {trans.__('Put theirs below mine')}
        </button>
      </div>
    </div>
  );
}

function Editor(props: IEditorProps): React.ReactElement {
  const { api, trans } = useStudio();
  const client = useQueryClient();
  const { component, onDone } = props;
  const { name } = component;
  const [draft] = React.useState(() => drafts.get(name));
  const first = draft?.text ?? component.description ?? '';
  // What stood there when the writing began; live changes must not pass for seen.
  const [base, setBase] = React.useState(draft?.base ?? component);
  // Not controlled by React, which would compare a megabyte with every key.
  const area = React.useRef<HTMLTextAreaElement>(null);
  const textOf = (): string => area.current?.value ?? '';
  const [theirs, setTheirs] = React.useState<ComponentRecord | null>(null);
  const [quiet, setQuiet] = React.useState(first);
  const timer = React.useRef(0);
  const latest = React.useRef({ base, done: false });
  latest.current.base = base;
  React.useLayoutEffect(() => {
    const node = area.current;
    return () => {
      window.clearTimeout(timer.current);
      const { base: seen, done } = latest.current;
      if (done || node === null || node.value === (seen.description ?? '')) {
        drafts.delete(name);
      } else {
        drafts.set(name, { text: node.value, base: seen });
      }
    };
  }, [name]);
  const leave = (): void => {
    latest.current.done = true;
    drafts.delete(name);
    onDone();
  };
  const later = (): void => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setQuiet(textOf()), QUIET_MS);
  };
  const read = async (): Promise<ComponentRecord> => {
    const params = { path: { name } };
    return unwrap(await api.client.GET('/trial-components/{name}', { params }));
  };
  const save = useMutation({
    mutationFn: async (version: number): Promise<ComponentRecord | null> => {
      const text = textOf();
      const body = { description: text === '' ? null : text, version };
      const params = { path: { name } };
      try {
        return unwrap(
          await api.client.PATCH('/trial-components/{name}', {
            params,
            body: body as never
          })
        );
      } catch (error) {
        if (asStudioError(error).code !== 'version_conflict') {
          throw error;
        }
      }
      const now = await read();
      if ((now.description ?? '') === text) {
        // Ours: it was written before, and only the answer was lost.
        return now;
      }
      if ((now.description ?? '') === (base.description ?? '')) {
        // Something else of the record changed, a metric or a tag: not what is written here.
        const params2 = { ...body, version: now.version };
        return unwrap(
          await api.client.PATCH('/trial-components/{name}', {
            params,
            body: params2 as never
          })
        );
      }
      setTheirs(now);
      return null;
    },
    onSuccess: record => {
      if (record !== null) {
        client.setQueryData(['component', name], record);
        leave();
      }
    }
  });
  const settle = (): void => {
    if (theirs !== null) {
      setBase(theirs);
      setTheirs(null);
    }
  };
  return (
    <div className="jp-Mlstudio-page-body">
      <Banner error={save.error} />
      {theirs !== null && (
        <Conflict
          theirs={theirs}
          onTheirs={() => {
            client.setQueryData(['component', name], theirs);
            leave();
          }}
          onMine={() => {
            settle();
            save.mutate(theirs.version);
          }}
          onBoth={() => {
            if (area.current) {
              area.current.value += `\n\n${theirs.description ?? ''}`;
              later();
            }
            settle();
          }}
        />
      )}
      <div className="jp-Mlstudio-write">
        <textarea
          className="jp-Mlstudio-area"
          autoFocus
          rows={16}
          aria-label={trans.__('Notes in Markdown')}
          ref={area}
          wrap={quiet.length > MAX_WRAPPED ? 'off' : 'soft'}
          defaultValue={first}
          onChange={later}
          onKeyDown={event => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              if (!save.isPending && theirs === null) {
                save.mutate(base.version);
              }
            }
          }}
        />
        <section
          className="jp-Mlstudio-write-preview"
          aria-label={trans.__('Preview')}
        >
          {quiet === '' ? (
            <p className="jp-Mlstudio-note">
              {trans.__('A preview comes here while you write.')}
            </p>
          ) : (
            <Markdown source={quiet} />
          )}
        </section>
      </div>
      <div className="jp-Mlstudio-row">
        <button
          type="button"
          className="jp-Mlstudio-button jp-mod-accept"
          disabled={save.isPending || theirs !== null}
          onClick={() => save.mutate(base.version)}
        >
          {trans.__('Save')}
        </button>
        <button type="button" className="jp-Mlstudio-button" onClick={leave}>
          {trans.__('Cancel')}
        </button>
      </div>
    </div>
  );
}

/** The tab "Notes". */
export function Notes(props: {
  readonly component: ComponentRecord;
}): React.ReactElement {
  const { trans } = useStudio();
  const { component } = props;
  const [editing, setEditing] = React.useState(() =>
    drafts.has(component.name)
  );
  if (editing) {
    return <Editor component={component} onDone={() => setEditing(false)} />;
  }
  const text = component.description ?? '';
  return (
    <div className="jp-Mlstudio-page-body">
      <div className="jp-Mlstudio-row">
        <button
          type="button"
          className="jp-Mlstudio-button"
          disabled={text.length > MAX_EDITED}
          onClick={() => setEditing(true)}
        >
          {text === '' ? trans.__('Write a note') : trans.__('Edit')}
        </button>
        {text.length > MAX_EDITED && (
          <span className="jp-Mlstudio-why">
            {trans.__('Too long to be edited here: use run.note(…) in Python.')}
          </span>
        )}
      </div>
      {text === '' ? (
        <p className="jp-Mlstudio-note">{trans.__('There are no notes.')}</p>
      ) : (
        <Markdown source={text} />
      )}
    </div>
  );
}
