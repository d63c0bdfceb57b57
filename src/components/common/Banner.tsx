/** One failure, one text, one button. */
import * as React from 'react';

import { bannerOf } from '../../api/errors';
import { useStudio } from './context';

interface IBannerProps {
  readonly error: unknown;
  readonly retry?: () => void;
}

/** The error banner of a panel; nothing while there is no error. */
export function Banner(props: IBannerProps): React.ReactElement | null {
  const { trans } = useStudio();
  if (props.error === null || props.error === undefined) {
    return null;
  }
  const banner = bannerOf(props.error, trans);
  if (banner.code === 'aborted') {
    return null;
  }
  return (
    <div className="jp-Mlstudio-banner" role="alert" data-code={banner.code}>
      <span className="jp-Mlstudio-banner-text">
        <bdi>{banner.text}</bdi>
        {banner.hint !== '' && (
          <span className="jp-Mlstudio-banner-hint">
            <bdi>{banner.hint}</bdi>
          </span>
        )}
      </span>
      {banner.retry && props.retry && (
        <button
          type="button"
          className="jp-Mlstudio-button"
          onClick={props.retry}
        >
          {trans.__('Retry')}
        </button>
      )}
    </div>
  );
}
