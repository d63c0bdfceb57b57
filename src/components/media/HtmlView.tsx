/**
 * HTML that a run logged, as a still picture of itself: in a frame of its own origin, without
 * scripts, forms or pop-ups, and with nothing fetched from anywhere.
 */
import { useQuery } from '@tanstack/react-query';
import * as React from 'react';

import { unwrap } from '../../api/client';
import { Banner, useStudio } from '../common';

const MAX_BYTES = 2 * 1024 * 1024;
/** Stands before everything the document says, so it cannot be taken back. */
const POLICY =
  '<style>:root{background:white;color:black}</style><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; style-src \'unsafe-inline\'; font-src data:">';

interface IHtmlProps {
  readonly uid: string;
  readonly size: number | null;
  readonly label: string;
}

/** The frame, or why there is none. */
export function HtmlView(props: IHtmlProps): React.ReactElement {
  const { api, trans } = useStudio();
  const { uid, size, label } = props;
  const [asked, setAsked] = React.useState(false);
  const small = size === null || size <= MAX_BYTES;
  const query = useQuery({
    queryKey: ['html', uid],
    enabled: small && asked,
    queryFn: async ({ signal }) => {
      const answer = await api.client.GET('/artifacts/{uid}/content', {
        params: { path: { uid } },
        parseAs: 'text',
        signal
      });
      return String(unwrap(answer));
    }
  });
  if (!small) {
    return (
      <p className="jp-Mlstudio-note">
        {trans.__('The page is too large to be shown here.')}
      </p>
    );
  }
  if (query.data !== undefined) {
    return (
      <iframe
        className="jp-Mlstudio-media-html"
        sandbox=""
        referrerPolicy="no-referrer"
        title={label}
        srcDoc={`<!doctype html>${POLICY}${query.data}`}
      />
    );
  }
  return (
    <>
      <Banner error={query.error} retry={() => void query.refetch()} />
      <button
        type="button"
        className="jp-Mlstudio-button"
        disabled={asked && query.isPending}
        onClick={() => setAsked(true)}
      >
        {trans.__('Show the page without its scripts')}
      </button>
    </>
  );
}
