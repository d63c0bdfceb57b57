/** A log as a virtual list: colours, follow, search, the last error, earlier lines, download. */
import { useVirtualizer } from '@tanstack/react-virtual';
import * as React from 'react';

import { Banner, formatBytes, useStudio } from '../common';
import { LogTail } from './tail';
import type { ILogPush, ReadLog } from './tail';
import { piecesOf } from './ansi';
import type { IPiece, ISpan } from './ansi';
import { errorBefore, findLines, splitMatches } from './text';

const ROW = 18;

interface ILogViewProps {
  readonly read: ReadLog;
  /** Listen to what is pushed; returns how to stop. `null` means "look again". */
  readonly listen: (on: (push: ILogPush | null) => void) => () => void;
  /** Save the whole log as a file. */
  readonly download: () => Promise<void>;
  /** Whether more may come. */
  readonly live: boolean;
}

/** The state object of a log, and a re-render at most once a frame. */
function useTail(props: ILogViewProps): LogTail {
  const [, render] = React.useReducer((n: number) => n + 1, 0);
  const frame = React.useRef(0);
  const latest = React.useRef(props);
  latest.current = props;
  const make = (): LogTail =>
    new LogTail(
      (...args) => latest.current.read(...args),
      () => {
        window.cancelAnimationFrame(frame.current);
        frame.current = window.requestAnimationFrame(render);
      }
    );
  const [tail] = React.useState(make);
  React.useEffect(() => {
    void tail.open();
    const stop = latest.current.listen(push => {
      if (push === null) {
        void tail.refresh();
      } else {
        tail.push(push);
      }
    });
    return () => {
      stop();
      tail.dispose();
      window.cancelAnimationFrame(frame.current);
    };
  }, [tail]);
  return tail;
}

interface ISearchProps {
  readonly query: string;
  readonly onQuery: (text: string) => void;
  readonly found: number;
  readonly at: number;
  readonly onStep: (by: number) => void;
}

function Search(props: ISearchProps): React.ReactElement {
  const { trans } = useStudio();
  const { query, found, at } = props;
  const said =
    query === ''
      ? ''
      : found === 0
        ? trans.__('not found')
        : trans.__('%1 of %2', at + 1, found);
  return (
    <span className="jp-Mlstudio-log-search" role="search">
      <input
        type="search"
        className="jp-Mlstudio-filter"
        aria-label={trans.__('Search in the log')}
        placeholder={trans.__('Search')}
        value={query}
        onChange={event => props.onQuery(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            props.onStep(event.shiftKey ? -1 : 1);
          }
        }}
      />
      <button
        type="button"
        className="jp-Mlstudio-button"
        disabled={found === 0}
        aria-label={trans.__('Previous match')}
        onClick={() => props.onStep(-1)}
      >
        ↑
      </button>
      <button
        type="button"
        className="jp-Mlstudio-button"
        disabled={found === 0}
        aria-label={trans.__('Next match')}
        onClick={() => props.onStep(1)}
      >
        ↓
      </button>
      <span className="jp-Mlstudio-note" aria-live="polite">
        {said}
      </span>
    </span>
  );
}

function Piece(props: IPiece): React.ReactElement {
  const { text, style, mark } = props;
  const inside = mark ? <mark>{text}</mark> : text;
  return style === '' ? <>{inside}</> : <span data-ansi={style}>{inside}</span>;
}

interface ILinesProps {
  readonly lines: readonly string[];
  readonly spans: readonly (readonly ISpan[] | null)[];
  /** Number of the first line less one; null while it is not known. */
  readonly first: number | null;
  readonly query: string;
  readonly current: number;
  readonly follow: boolean;
  readonly onScrolledUp: () => void;
}

function Lines(props: ILinesProps): React.ReactElement {
  const { trans } = useStudio();
  const { lines, spans, query, current, follow } = props;
  const scroller = React.useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10
  });
  React.useLayoutEffect(() => {
    const node = scroller.current;
    if (follow && node) {
      node.scrollTop = node.scrollHeight;
    }
  }, [follow, lines.length, lines[lines.length - 1]]);
  React.useEffect(() => {
    if (current >= 0) {
      rows.scrollToIndex(current, { align: 'center' });
    }
  }, [current]);
  const onScroll = (): void => {
    const node = scroller.current;
    if (
      follow &&
      node &&
      node.scrollHeight - node.scrollTop - node.clientHeight > 4 * ROW
    ) {
      props.onScrolledUp();
    }
  };
  return (
    <div
      ref={scroller}
      className="jp-Mlstudio-log-lines"
      role="log"
      aria-live="off"
      aria-label={trans.__('Log')}
      tabIndex={0}
      onScroll={onScroll}
    >
      <div
        className="jp-Mlstudio-log-space"
        style={{ height: rows.getTotalSize() }}
      >
        {rows.getVirtualItems().map(item => (
          <div
            key={item.index}
            className={
              item.index === current
                ? 'jp-Mlstudio-log-line jp-mod-current'
                : 'jp-Mlstudio-log-line'
            }
            style={{ transform: `translateY(${item.start}px)` }}
          >
            {props.first !== null && (
              <span className="jp-Mlstudio-log-number" aria-hidden="true">
                {props.first + item.index + 1}
              </span>
            )}
            <bdi>
              {piecesOf(
                splitMatches(lines[item.index], query),
                spans[item.index]
              ).map((piece, i) => (
                <Piece key={i} {...piece} />
              ))}
            </bdi>
          </div>
        ))}
      </div>
    </div>
  );
}

/** The log of a job. */
export function LogView(props: ILogViewProps): React.ReactElement {
  const { trans } = useStudio();
  const tail = useTail(props);
  const [follow, setFollow] = React.useState(true);
  const [query, setQuery] = React.useState('');
  const [at, setAt] = React.useState(0);
  // The line of the error that was gone to; -1: none.
  const [error, setError] = React.useState(-1);
  const [looked, setLooked] = React.useState(false);
  const [failure, setFailure] = React.useState<unknown>(null);
  const { lines } = tail.text;
  const count = lines.length;
  const found = React.useMemo(
    () => findLines(lines, query),
    [lines, count, query]
  );
  const step = (by: number): void => {
    if (found.length > 0) {
      setFollow(false);
      setError(-1);
      setAt((at + by + found.length) % found.length);
    }
  };
  const toError = (): void => {
    const before = error < 0 ? count : error;
    const line = errorBefore(lines, before);
    const last = line < 0 ? errorBefore(lines, count) : line;
    setLooked(true);
    setError(last);
    if (last >= 0) {
      setFollow(false);
    }
  };
  const match =
    query === '' ? -1 : (found[Math.min(at, found.length - 1)] ?? -1);
  const current = error >= 0 ? error : match;
  return (
    <div className="jp-Mlstudio-log">
      <div className="jp-Mlstudio-log-bar">
        <label className="jp-Mlstudio-check">
          <input
            type="checkbox"
            checked={follow}
            onChange={event => setFollow(event.target.checked)}
          />
          {trans.__('Follow')}
        </label>
        <Search
          query={query}
          onQuery={text => {
            setQuery(text);
            setAt(0);
            setError(-1);
          }}
          found={found.length}
          at={at}
          onStep={step}
        />
        <span className="jp-Mlstudio-row">
          <button
            type="button"
            className="jp-Mlstudio-button"
            disabled={count === 0}
            title={trans.__('Go to the last error; again: to the one before')}
            onClick={toError}
          >
            {trans.__('Last error')}
          </button>
          <button
            type="button"
            className="jp-Mlstudio-button"
            onClick={() => void props.download().catch(setFailure)}
          >
            {trans.__('Download')}
          </button>
        </span>
        <span className="jp-Mlstudio-hidden" role="status">
          {looked &&
            (error >= 0
              ? trans.__('Error: %1', (lines[error] ?? '').slice(0, 300))
              : '')}
        </span>
        {looked && error < 0 && errorBefore(lines, count) < 0 && (
          <span className="jp-Mlstudio-note" role="status">
            {trans.__('no error in these lines')}
          </span>
        )}
      </div>
      <Banner error={tail.error} retry={() => void tail.refresh()} />
      <Banner error={failure} />
      {tail.dropped > 0 && (
        <p className="jp-Mlstudio-note" role="status">
          {trans.__(
            '%1 in the middle were not kept: the log was over its limit.',
            formatBytes(tail.dropped)
          )}
        </p>
      )}
      {tail.start > 0 && tail.text.forgotten === 0 && (
        <button
          type="button"
          className="jp-Mlstudio-button jp-Mlstudio-more"
          onClick={() => {
            setFollow(false);
            setError(-1);
            void tail.earlier();
          }}
        >
          {trans.__('Show earlier lines (%1)', formatBytes(tail.start))}
        </button>
      )}
      {tail.ready && count === 0 ? (
        <p className="jp-Mlstudio-note">
          {props.live
            ? trans.__('Nothing was printed yet.')
            : trans.__('Nothing was printed.')}
        </p>
      ) : (
        <Lines
          lines={lines}
          spans={tail.text.spans}
          first={tail.start === 0 ? tail.text.forgotten : null}
          query={query}
          current={current}
          follow={follow}
          onScrolledUp={() => setFollow(false)}
        />
      )}
    </div>
  );
}
