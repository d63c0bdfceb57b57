/** Pieces of the cards' settings. */
import * as React from 'react';

import { UserText, useStudio } from '../../../../components/common';
import { labelOf, type IColumn } from '../../../../components/table';

interface IChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  onValue(value: T): void;
}

/** One of few. */
export function Choice<T extends string>(props: IChoiceProps<T>): JSX.Element {
  return (
    <label className="jp-Mlstudio-field">
      <span>{props.label}</span>
      <select
        className="jp-Mlstudio-select"
        value={props.value}
        onChange={event => props.onValue(event.target.value as T)}
      >
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text.slice(0, 60)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Options of a list; of 100,000 metrics the first ones and the chosen. */
const MOST_OPTIONS = 400;

/** One of the columns, or none. */
export function ColumnChoice(props: {
  label: string;
  value: string | null;
  columns: readonly IColumn[];
  none?: string;
  onValue(key: string | null): void;
}): JSX.Element {
  const { value, columns, none } = props;
  const { trans } = useStudio();
  const shown = columns.slice(0, MOST_OPTIONS).map(c => c.key);
  if (value !== null && !shown.includes(value)) {
    shown.push(value);
  }
  return (
    <Choice
      label={props.label}
      value={value ?? ''}
      options={[
        ...(none === undefined ? [] : [['', none] as const]),
        ...shown.map(key => [key, labelOf(key, trans)] as const)
      ]}
      onValue={key => props.onValue(key || null)}
    />
  );
}

export function Check(props: {
  label: string;
  value: boolean;
  onValue(value: boolean): void;
}): JSX.Element {
  return (
    <label className="jp-Mlstudio-field jp-mod-check">
      <input
        type="checkbox"
        checked={props.value}
        onChange={event => props.onValue(event.target.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}

/** Some of many names, with a search box. */
export function KeyList(props: {
  label: string;
  all: readonly string[];
  chosen: readonly string[];
  /** At most so many may be chosen. */
  most: number;
  labelOf?: (key: string) => string;
  onChosen(keys: readonly string[]): void;
}): JSX.Element {
  const { all, chosen, most, onChosen } = props;
  const { trans } = useStudio();
  const [text, setText] = React.useState('');
  const name = props.labelOf ?? ((key: string) => key);
  const needle = text.trim().toLowerCase();
  const gone = chosen.filter(key => !all.includes(key));
  const found = [...gone, ...all].filter(key =>
    name(key).toLowerCase().includes(needle)
  );
  return (
    <fieldset className="jp-Mlstudio-keys">
      <legend>{props.label}</legend>
      {all.length > 8 && (
        <input
          type="search"
          className="jp-Mlstudio-input"
          value={text}
          placeholder={trans.__('Find…')}
          aria-label={trans.__('Find in %1', props.label)}
          onChange={event => setText(event.target.value)}
        />
      )}
      <div className="jp-Mlstudio-columnList">
        {found.slice(0, 200).map(key => {
          const checked = chosen.includes(key);
          return (
            <label key={key} className="jp-Mlstudio-columnItem">
              <input
                type="checkbox"
                checked={checked}
                disabled={!checked && chosen.length >= most}
                onChange={() =>
                  onChosen(
                    checked
                      ? chosen.filter(one => one !== key)
                      : [...chosen, key]
                  )
                }
              />
              <UserText text={name(key)} max={60} />
            </label>
          );
        })}
        {found.length === 0 && (
          <p className="jp-Mlstudio-hint">
            {trans.__('Nothing is called so.')}
          </p>
        )}
        {found.length > 200 && (
          <p className="jp-Mlstudio-hint">
            {trans.__('%1 more: type a part of the name.', found.length - 200)}
          </p>
        )}
      </div>
    </fieldset>
  );
}

/** The slider moves at once; the server is asked when it rests. */
export function Smoothing(props: {
  value: number;
  onValue(value: number): void;
}): JSX.Element {
  const { trans } = useStudio();
  const [value, setValue] = React.useState(props.value);
  React.useEffect(() => setValue(props.value), [props.value]);
  const waiting = React.useRef<number | null>(null);
  const latest = React.useRef(props.onValue);
  latest.current = props.onValue;
  const tell = (): void => {
    const next = waiting.current;
    waiting.current = null;
    if (next !== null) {
      latest.current(next);
    }
  };
  React.useEffect(() => {
    waiting.current = value === props.value ? null : value;
    const timer = setTimeout(tell, 200);
    return () => clearTimeout(timer);
  }, [value]);
  // Who closes the settings at once means what he chose.
  React.useEffect(() => tell, []);
  return (
    <label className="jp-Mlstudio-field">
      <span>{trans.__('smoothing')}</span>
      <input
        type="range"
        min={0}
        max={0.99}
        step={0.01}
        value={value}
        aria-valuetext={value.toFixed(2)}
        onChange={event => setValue(Number(event.target.value))}
      />
      <output>{value.toFixed(2)}</output>
    </label>
  );
}
