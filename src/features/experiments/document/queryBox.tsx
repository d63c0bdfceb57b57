/**
 * The text query: completed while it is typed, sent on Enter, its error below with a caret under
 * the place. A combobox by WAI-ARIA: the focus stays in the box, the arrows move in the list.
 */
import * as React from 'react';

import type { StudioError } from '../../../api/errors';
import { useStudio } from '../../../components/common';
import { rememberQuery } from './completion';
import { caretOf } from './query';
import { SearchHelp } from './searchHelp';
import { useCompletion, type ICompletion, type ILine } from './useCompletion';

interface IQueryBoxProps {
  readonly experiment: string;
  readonly where: string;
  readonly error: StudioError | null;
  onWhere(where: string): void;
}

/** In the query's own language: the same in every tongue. */
const EXAMPLE = 'metrics.loss < 0.3 and params.lr > 0.01';

export function QueryBox(props: IQueryBoxProps): JSX.Element {
  const { where, error, onWhere } = props;
  const { trans } = useStudio();
  const [text, setText] = React.useState(where);
  const input = React.useRef<HTMLInputElement>(null);
  const id = React.useId();
  const list = useCompletion(props.experiment);
  React.useEffect(() => setText(where), [where]);
  const write = (next: string, caret: number): void => {
    setText(next);
    // The caret can only be set once the text stands there.
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(caret, caret);
    });
  };
  const take = (line: ILine): void => {
    write(line.text, line.caret);
    if (line.kind === 'past') {
      list.close();
    } else {
      list.ask(line.text, line.caret);
    }
  };
  const send = (): void => {
    list.close();
    rememberQuery(() => window.localStorage, text);
    onWhere(text.trim());
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement>): void => {
    const line = list.open ? list.lines[list.at] : undefined;
    const asks = event.key === ' ' && event.ctrlKey;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp' || asks) {
      if (!asks && list.open) {
        list.move(event.key === 'ArrowDown' ? 1 : -1);
      } else {
        list.ask(text, event.currentTarget.selectionStart ?? text.length);
      }
    } else if (line !== undefined && ['Enter', 'Tab'].includes(event.key)) {
      take(line);
    } else if (event.key === 'Enter') {
      send();
    } else if (event.key === 'Escape' && list.open) {
      list.close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="jp-Mlstudio-query" role="search">
      <div className="jp-Mlstudio-queryLine">
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-expanded={list.open}
          aria-controls={list.open ? `${id}-list` : undefined}
          aria-activedescendant={
            list.open && list.at >= 0 ? `${id}-${list.at}` : undefined
          }
          className={`jp-Mlstudio-input${error === null ? '' : ' jp-mod-error'}`}
          value={text}
          maxLength={8000}
          spellCheck={false}
          autoComplete="off"
          placeholder={EXAMPLE}
          aria-label={trans.__('Query, sent with Enter')}
          aria-invalid={error !== null}
          aria-describedby={error === null ? undefined : `${id}-error`}
          onChange={event => {
            const { value, selectionStart } = event.target;
            setText(value);
            list.ask(value, selectionStart ?? value.length);
            if (value === '' && where !== '') {
              onWhere('');
            }
          }}
          onKeyDown={onKeyDown}
          onBlur={list.close}
        />
        {text !== '' && (
          <button
            type="button"
            className="jp-Mlstudio-iconButton"
            aria-label={trans.__('Clear the query')}
            title={trans.__('Clear the query')}
            onClick={() => {
              setText('');
              onWhere('');
              input.current?.focus();
            }}
          >
            <span aria-hidden="true">✕</span>
          </button>
        )}
        <SearchHelp
          onExample={example => {
            write(example, example.length);
            list.close();
          }}
        />
      </div>
      {list.open && <Options id={id} list={list} onTake={take} />}
      {error !== null && (
        <div id={`${id}-error`} className="jp-Mlstudio-queryError" role="alert">
          <Place where={where} error={error} />
          <bdi>{error.message}</bdi>
          {error.hint !== null && (
            <>
              {' '}
              <bdi>{error.hint}</bdi>
            </>
          )}
        </div>
      )}
    </div>
  );
}

function Options(props: {
  id: string;
  list: ICompletion;
  onTake(line: ILine): void;
}): JSX.Element {
  const { id, list, onTake } = props;
  const { trans } = useStudio();
  const chosen = React.useRef<HTMLLIElement>(null);
  React.useEffect(() => {
    // Newer browsers return a promise here, which is no clean-up.
    void chosen.current?.scrollIntoView({ block: 'nearest' });
  }, [list.at]);
  const kinds: Record<ILine['kind'], string> = {
    field: trans.__('field'),
    value: trans.__('value'),
    operator: trans.__('operator'),
    keyword: trans.__('keyword'),
    past: trans.__('sent before')
  };
  return (
    <ul
      id={`${id}-list`}
      role="listbox"
      aria-label={trans.__('Ways to go on')}
      className="jp-Mlstudio-options"
    >
      {list.lines.map((line, i) => (
        <li
          key={`${line.kind}-${line.text}`}
          ref={i === list.at ? chosen : undefined}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === list.at}
          className="jp-Mlstudio-option"
          // The box keeps the focus; without this it would lose it before the click.
          onMouseDown={event => {
            event.preventDefault();
            onTake(line);
          }}
        >
          <bdi className="jp-Mlstudio-optionLabel">{line.label}</bdi>
          <span className="jp-Mlstudio-hint">
            <bdi>{line.detail || kinds[line.kind]}</bdi>
          </span>
        </li>
      ))}
    </ul>
  );
}

const AROUND = 40;

function Place(props: {
  where: string;
  error: StudioError;
}): JSX.Element | null {
  const at = caretOf(props.error.message);
  const all = [...props.where];
  if (at === null || at > all.length) {
    return null;
  }
  const from = Math.max(0, at - AROUND);
  const line = all
    .slice(from, at + AROUND)
    .join('')
    .replace(/\s/g, ' ');
  return (
    <pre aria-hidden="true">
      {line}
      {'\n'}
      {' '.repeat(at - from)}^
    </pre>
  );
}
