/** A JSON artifact: as the plot that it says it is, and as the document that it is. */
import { useQuery } from '@tanstack/react-query';
import * as React from 'react';

import { Banner, Tabs, useStudio } from '../common';
import { StoredPlot } from '../plots/StoredPlot';
import {
  MOST_BYTES,
  parseDocument,
  parseStored,
  plotKindOf
} from '../plots/stored';
import { JsonTree } from './JsonTree';

interface IJsonPreviewProps {
  readonly uid: string;
  readonly name: string;
  readonly document: unknown;
  readonly size: number | null;
  /** Whether the document is only the beginning of the artifact. */
  readonly truncated: boolean;
}

export function JsonPreview(props: IJsonPreviewProps): React.ReactElement {
  const { api, trans } = useStudio();
  const { uid, name, document } = props;
  const [tab, setTab] = React.useState('plot');
  const what = plotKindOf(document);
  // A curve of many points comes cut, and half a curve is none.
  const more =
    what !== null && props.truncated && (props.size ?? 0) <= MOST_BYTES;
  const query = useQuery({
    queryKey: ['stored', uid],
    enabled: more,
    queryFn: async ({ signal }) => {
      const path = `/artifacts/${encodeURIComponent(uid)}/content`;
      return parseDocument(await api.bytes(path, {}, signal));
    }
  });
  const whole = more ? query.data : document;
  const plot = React.useMemo(
    () => (what === null ? null : parseStored(whole, what)),
    [whole, what]
  );
  const tree = <JsonTree document={document} />;
  if (what === null || (plot === null && !(more && query.isPending))) {
    return (
      <>
        <Banner error={query.error} retry={() => void query.refetch()} />
        {tree}
      </>
    );
  }
  return (
    <Tabs
      label={trans.__('Views of %1', name)}
      selected={tab}
      onSelect={setTab}
      tabs={[
        {
          id: 'plot',
          label: what === 'table' ? trans.__('Table') : trans.__('Chart'),
          render: () =>
            plot === null ? (
              <p className="jp-Mlstudio-note">{trans.__('Loading…')}</p>
            ) : (
              <StoredPlot plot={plot} what={what} name={name} />
            )
        },
        { id: 'raw', label: trans.__('Raw JSON'), render: () => tree }
      ]}
    />
  );
}
