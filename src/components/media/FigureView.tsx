/** A plotly figure that a run logged, drawn by our own plotly once it is shown, in the theme's colours. */
import * as React from 'react';

import { unwrap } from '../../api/client';
import { Banner, UserText, useStudio } from '../common';
import { useQuery } from '@tanstack/react-query';
import { loadPlotly } from '../charts/lazy';
import { useChartTheme } from '../charts/theme';
import type { IChartTheme } from '../charts/theme';
import { safeFigure } from './figure';
import type { ISafeFigure } from './figure';

/** Bytes of a figure that are read; a larger one is offered as a file. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The figure's own look where it has one, else the theme's. */
function themed(figure: ISafeFigure, theme: IChartTheme): object {
  const axis = { gridcolor: theme.grid, zerolinecolor: theme.grid };
  const given = figure.layout;
  const axes = Object.keys(given).filter(key => /^[xy]axis\d*$/.test(key));
  const lined = ['xaxis', 'yaxis', ...axes].map(key => [
    key,
    { ...axis, ...(given[key] as object | undefined) }
  ]);
  return {
    ...given,
    template: undefined,
    autosize: true,
    width: undefined,
    height: undefined,
    paper_bgcolor: theme.background,
    plot_bgcolor: theme.background,
    colorway: theme.series,
    font: { color: theme.text, family: theme.font, size: theme.size },
    margin: { l: 56, r: 16, t: given.title ? 44 : 16, b: 44 },
    ...Object.fromEntries(lined)
  };
}

interface IPlotProps {
  readonly figure: ISafeFigure;
  readonly label: string;
}

function Plot(props: IPlotProps): React.ReactElement {
  const { trans } = useStudio();
  const { figure, label } = props;
  const theme = useChartTheme();
  const host = React.useRef<HTMLDivElement>(null);
  const [failure, setFailure] = React.useState<unknown>(null);
  const gone = React.useRef(false);
  React.useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  React.useEffect(() => {
    const node = host.current;
    if (node === null) {
      return;
    }
    let old = false;
    let clear = (): void => undefined;
    const draw = async (): Promise<void> => {
      const plotly = await loadPlotly();
      if (old) {
        return;
      }
      // Its bar of tools would lie over the figure's title.
      const config = {
        displaylogo: false,
        displayModeBar: false,
        responsive: false
      };
      await plotly.react(node, figure.data, themed(figure, theme), config);
      const observer = new ResizeObserver(() => {
        if (node.clientWidth > 0) {
          plotly.Plots.resize(node);
        }
      });
      clear = () => {
        observer.disconnect();
        // Another theme is drawn into what stands there; only who leaves clears it.
        if (gone.current) {
          plotly.purge(node);
        }
      };
      if (old) {
        clear();
      } else {
        observer.observe(node);
      }
    };
    draw().catch((error: unknown) => {
      if (!old) {
        setFailure(error);
      }
    });
    return () => {
      old = true;
      clear();
    };
  }, [figure, theme]);
  return (
    <>
      <Banner error={failure} />
      {(figure.data.length > 0 || figure.left.length === 0) && (
        <div
          ref={host}
          className="jp-Mlstudio-media-figure"
          role="figure"
          aria-label={label}
        />
      )}
      {figure.left.length > 0 && (
        <p className="jp-Mlstudio-note">
          {trans.__('Not drawn here: %1', figure.left.slice(0, 9).join(', '))}
        </p>
      )}
    </>
  );
}

interface IFigureProps {
  readonly uid: string;
  readonly size: number | null;
  readonly label: string;
}

/** The figure, read when it is shown. */
export function FigureView(props: IFigureProps): React.ReactElement {
  const { api, trans } = useStudio();
  const { uid, size, label } = props;
  const small = size === null || size <= MAX_BYTES;
  const query = useQuery({
    queryKey: ['figure', uid],
    enabled: small,
    queryFn: async ({ signal }) => {
      const answer = await api.client.GET('/artifacts/{uid}/content', {
        params: { path: { uid } },
        parseAs: 'text',
        signal
      });
      try {
        return safeFigure(JSON.parse(String(unwrap(answer))));
      } catch {
        return null;
      }
    }
  });
  if (!small) {
    return (
      <p className="jp-Mlstudio-note">
        {trans.__('The figure is too large to be drawn here.')}
      </p>
    );
  }
  if (query.data) {
    return <Plot figure={query.data} label={label} />;
  }
  return (
    <>
      <Banner error={query.error} retry={() => void query.refetch()} />
      <p className="jp-Mlstudio-note">
        {query.isPending ? (
          trans.__('Loading…')
        ) : query.data === null ? (
          trans.__('This is no figure that can be read.')
        ) : (
          <UserText text={label} />
        )}
      </p>
    </>
  );
}
