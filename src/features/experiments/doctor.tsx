/** The doctor's page: what takes room, what is stuck, what is broken, and buttons that repair. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { useMutation, useQuery } from '@tanstack/react-query';
import * as React from 'react';

import { unwrap } from '../../api/client';
import type { Schemas } from '../../api/types';
import {
  Banner,
  StudioWidget,
  UserText,
  formatBytes,
  formatNumber,
  useStudio
} from '../../components/common';
import type { IStudioServices } from '../../components/common';
import { TaskProgress } from './transfers/TaskView';
import { useTask } from './transfers/task';
import { isOpen } from './transfers/taskState';

type Finding = Schemas['DoctorFinding'];
type Size = Schemas['DoctorSize'];

/** The worst first. */
const LEVELS: readonly Finding['level'][] = ['unsafe', 'slow', 'note', 'ok'];

function Sizes(props: { readonly sizes: readonly Size[] }): React.ReactElement {
  const { trans } = useStudio();
  const total = props.sizes.reduce((sum, one) => sum + one.bytes, 0);
  return (
    <>
      <h3>{trans.__('Room')}</h3>
      <table className="jp-Mlstudio-plain jp-Mlstudio-sizes">
        <thead>
          <tr>
            <th scope="col">{trans.__('What')}</th>
            <th scope="col" className="jp-mod-number">
              {trans.__('Size')}
            </th>
            <th scope="col" className="jp-mod-number">
              {trans.__('Count')}
            </th>
          </tr>
        </thead>
        <tbody>
          {props.sizes.map(one => (
            <tr key={one.what}>
              <td>
                <UserText text={one.what} />
              </td>
              <td className="jp-mod-number">{formatBytes(one.bytes)}</td>
              <td className="jp-mod-number">{formatNumber(one.count)}</td>
            </tr>
          ))}
          <tr>
            <td>{trans.__('together')}</td>
            <td className="jp-mod-number">{formatBytes(total)}</td>
            <td className="jp-mod-number">–</td>
          </tr>
        </tbody>
      </table>
    </>
  );
}

function Findings(props: {
  readonly items: readonly Finding[];
  readonly busy: boolean;
  readonly onRepair: (finding: Finding) => void;
}): React.ReactElement {
  const { trans } = useStudio();
  const said: Record<Finding['level'], string> = {
    unsafe: trans.__('unsafe'),
    slow: trans.__('slow'),
    note: trans.__('note'),
    ok: trans.__('good')
  };
  const items = [...props.items].sort(
    (a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level)
  );
  return (
    <ul className="jp-Mlstudio-findings">
      {items.map((one, i) => (
        <li key={i} data-level={one.level}>
          <span className="jp-Mlstudio-level">{said[one.level]}</span>
          <span>
            <UserText text={one.message} max={1000} />
            {one.hint !== '' && (
              <span className="jp-Mlstudio-why">
                <UserText text={one.hint} max={1000} />
              </span>
            )}
          </span>
          {one.repair !== null && (
            <button
              type="button"
              className="jp-Mlstudio-button"
              disabled={props.busy}
              onClick={() => props.onRepair(one)}
            >
              {trans.__('Repair')}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Inside(): React.ReactElement {
  const { api, live, trans } = useStudio();
  const [uid, setUid] = React.useState<string | null>(null);
  const query = useQuery({
    queryKey: ['doctor'],
    staleTime: 0,
    queryFn: async ({ signal }) =>
      unwrap(await api.client.GET('/doctor', { signal }))
  });
  const task = useTask(uid).data;
  const repair = useMutation({
    mutationFn: async (what: string) => {
      const body = { what };
      return unwrap(await api.client.POST('/doctor/repair', { body })).uid;
    },
    onSuccess: setUid
  });
  const ended = task !== undefined && !isOpen(task);
  React.useEffect(() => {
    if (ended) {
      void query.refetch();
    }
  }, [ended, uid]);
  const ask = async (finding: Finding): Promise<void> => {
    const answer = await showDialog({
      title: trans.__('Repair?'),
      body: finding.message.slice(0, 500),
      buttons: [
        Dialog.cancelButton(),
        Dialog.okButton({ label: trans.__('Repair') })
      ]
    });
    if (answer.button.accept && finding.repair !== null) {
      repair.mutate(finding.repair);
    }
  };
  const ignored = live?.ignored ?? 0;
  const sizes = query.data?.sizes ?? [];
  return (
    <section className="jp-Mlstudio-page" aria-label={trans.__('Doctor')}>
      <header className="jp-Mlstudio-page-head">
        <h2>{trans.__('Doctor')}</h2>
        <button
          type="button"
          className="jp-Mlstudio-button"
          disabled={query.isFetching}
          onClick={() => void query.refetch()}
        >
          {query.isFetching ? trans.__('Looking…') : trans.__('Look again')}
        </button>
      </header>
      <div className="jp-Mlstudio-page-body jp-Mlstudio-page-scroll">
        <Banner
          error={query.error ?? repair.error}
          retry={() => void query.refetch()}
        />
        {query.isPending && query.error === null && (
          <p className="jp-Mlstudio-note">{trans.__('Looking…')}</p>
        )}
        {task && <TaskProgress task={task} />}
        {query.data && (
          <Findings
            items={query.data.items}
            busy={repair.isPending || isOpen(task)}
            onRepair={finding => void ask(finding)}
          />
        )}
        {sizes.length > 0 && <Sizes sizes={sizes} />}
        {ignored > 0 && (
          <p className="jp-Mlstudio-note">
            {trans._n(
              'This page ignored %1 live event of unknown form.',
              'This page ignored %1 live events of unknown form.',
              ignored
            )}
          </p>
        )}
      </div>
    </section>
  );
}

class DoctorPage extends StudioWidget {
  constructor(services: IStudioServices) {
    super(services, null);
    this.addClass('jp-Mlstudio-doctor');
    this.title.label = services.trans.__('Doctor');
  }

  protected inside(): React.ReactElement {
    return <Inside />;
  }
}

/** Make the page. */
export function createDoctorPage(services: IStudioServices): StudioWidget {
  return new DoctorPage(services);
}
