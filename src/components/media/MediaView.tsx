/** One medium: image, sound, video, figure, text, table, histogram or page; never as markup of ours. */
import * as React from 'react';

import { UserText, formatBytes, useStudio } from '../common';
import { ArtifactPreview } from '../preview';
import { PlainTable } from '../preview/PlainTable';
import { FigureView } from './FigureView';
import { Histogram } from './Histogram';
import { HtmlView } from './HtmlView';
import { histogramOf, tableOf, textOf } from './inline';
import type { MediaItem } from './inline';

const ANIMATIONS: ReadonlySet<string> = new Set(['image/webp', 'image/gif']);

interface IMediaViewProps {
  readonly item: MediaItem;
  /** Pixels of the longer side that are asked for. */
  readonly size?: 256 | 512 | 1024 | 2048;
}

function Picture(props: IMediaViewProps): React.ReactElement {
  const { api, trans } = useStudio();
  const { item, size = 1024 } = props;
  const [damaged, setDamaged] = React.useState('');
  const path = `artifacts/${encodeURIComponent(item.artifact_uid)}/image`;
  if (damaged === item.artifact_uid) {
    return (
      <p className="jp-Mlstudio-note">
        {trans.__('The picture cannot be shown: it is damaged or too large.')}
      </p>
    );
  }
  return (
    <img
      className="jp-Mlstudio-media-image"
      src={api.url(path, { size: String(size) })}
      alt={item.caption ?? trans.__('%1 at step %2', item.name, item.step)}
      loading="lazy"
      onError={() => setDamaged(item.artifact_uid)}
    />
  );
}

/** Frames in a loop, with a button that stops them; who wants less motion begins with a still picture. */
function Animation(props: {
  readonly content: string;
  readonly uid: string;
  readonly label: string;
}): React.ReactElement {
  const { api, trans } = useStudio();
  const { content, uid, label } = props;
  const [moves, setMoves] = React.useState(
    () => !window.matchMedia('(prefers-reduced-motion: reduce)').matches
  );
  const still = api.url(`artifacts/${encodeURIComponent(uid)}/image`, {
    size: '1024'
  });
  return (
    <>
      <img
        className="jp-Mlstudio-media-image"
        src={moves ? content : still}
        alt={label}
        loading="lazy"
      />
      <button
        type="button"
        className="jp-Mlstudio-button jp-Mlstudio-media-play"
        aria-label={
          moves
            ? trans.__('Stop the animation of %1', label)
            : trans.__('Play the animation of %1', label)
        }
        onClick={() => setMoves(!moves)}
      >
        {moves ? trans.__('Stop') : trans.__('Play')}
      </button>
    </>
  );
}

function Inside(props: IMediaViewProps): React.ReactElement {
  const { api, trans } = useStudio();
  const { item } = props;
  const uid = item.artifact_uid;
  const label = item.caption ?? item.name;
  const content = api.url(`artifacts/${encodeURIComponent(uid)}/content`);
  switch (item.kind) {
    case 'image':
      return <Picture {...props} />;
    case 'audio':
      return (
        <audio
          key={uid}
          controls
          preload="metadata"
          src={content}
          aria-label={label}
        />
      );
    case 'video':
      // Frames that were logged as an array are an animation: no video for the browser.
      return ANIMATIONS.has(item.media_type ?? '') ? (
        <Animation key={uid} content={content} uid={uid} label={label} />
      ) : (
        <video
          key={uid}
          className="jp-Mlstudio-media-image"
          controls
          preload="metadata"
          src={content}
          aria-label={label}
        />
      );
    case 'figure':
      // matplotlib's figures are pictures.
      return item.media_type?.startsWith('image/') ? (
        <Picture {...props} />
      ) : (
        <FigureView uid={uid} size={item.size} label={label} />
      );
    case 'html':
      return <HtmlView key={uid} uid={uid} size={item.size} label={label} />;
    case 'histogram': {
      const histogram = histogramOf(item);
      return histogram ? (
        <Histogram histogram={histogram} />
      ) : (
        <ArtifactPreview uid={uid} />
      );
    }
    case 'table': {
      const table = tableOf(item);
      return table ? (
        <PlainTable
          label={label}
          columns={table.columns}
          types={table.types}
          rows={table.rows}
          total={table.total}
        />
      ) : (
        <ArtifactPreview uid={uid} />
      );
    }
    default: {
      const text = textOf(item);
      const whole = text !== null && (item.size ?? 0) <= text.length;
      return whole ? (
        <pre
          className="jp-Mlstudio-code"
          tabIndex={0}
          role="region"
          aria-label={trans.__('Text of %1', label)}
        >
          <bdi>{text}</bdi>
        </pre>
      ) : (
        <ArtifactPreview uid={uid} />
      );
    }
  }
}

/** A medium with its caption and a way to its file. */
export function MediaView(props: IMediaViewProps): React.ReactElement {
  const { api, trans } = useStudio();
  const { item } = props;
  const path = `artifacts/${encodeURIComponent(item.artifact_uid)}/content`;
  return (
    <figure className="jp-Mlstudio-media" data-kind={item.kind}>
      <Inside {...props} />
      <figcaption>
        {item.caption && <UserText text={item.caption} />}
        <a
          className="jp-Mlstudio-link"
          href={api.url(path)}
          download
          aria-label={trans.__(
            'Download %1 of step %2',
            item.caption ?? item.name,
            item.step
          )}
        >
          {trans.__('Download')}
          {item.size === null ? '' : ` (${formatBytes(item.size)})`}
        </a>
      </figcaption>
    </figure>
  );
}
