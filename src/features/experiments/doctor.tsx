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
import {
  commandOf,
  hintParts,
  repairLabel,
  titleOf,
  type Finding
} from './doctorWords';
import { TaskProgress } from './transfers/TaskView';
import { useTask } from './transfers/task';
import { isOpen } from './transfers/taskState';

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

interface IFindingProps {
  readonly busy: boolean;
  readonly onRepair: (finding: Finding) => void;
  readonly onLook: () => void;
}

/** What helps: the repair, the command for a terminal, or a second look once somebody acted. */
function Help(
  props: IFindingProps & { readonly finding: Finding }
): React.ReactElement {
  const { trans } = useStudio();
  const { finding, busy } = props;
  const [copied, setCopied] = React.useState(false);
  const { repair } = finding;
  const command = commandOf(finding.hint);
  if (repair !== null) {
    return (
      <button
        type="button"
        className="jp-Mlstudio-button"
        disabled={busy}
        onClick={() => props.onRepair(finding)}
      >
        {repairLabel(repair, trans)}
      </button>
    );
  }
  return command === null ? (
    <button
      type="button"
      className="jp-Mlstudio-button"
      disabled={busy}
      onClick={props.onLook}
    >
      {trans.__('Check again')}
    </button>
  ) : (
    <button
      type="button"
      className="jp-Mlstudio-button"
      onClick={() => {
        void navigator.clipboard.writeText(command).then(() => setCopied(true));
      }}
    >
      {copied ? trans.__('Copied') : trans.__('Copy the command')}
    </button>
  );
}

function Item(
  props: IFindingProps & { readonly finding: Finding }
): React.ReactElement {
  const { trans } = useStudio();
  const { finding } = props;
  const said: Record<Finding['level'], string> = {
    unsafe: trans.__('unsafe'),
    slow: trans.__('slow'),
    note: trans.__('note'),
    ok: trans.__('good')
  };
  const title = titleOf(finding, trans);
  return (
    <li data-level={finding.level}>
      <span className="jp-Mlstudio-level">{said[finding.level]}</span>
      <div>
        {title !== '' && <h4>{title}</h4>}
        <UserText text={finding.message} max={1000} />
        {finding.hint !== '' && (
          <p className="jp-Mlstudio-hint">
            {hintParts(finding.hint.slice(0, 1000)).map((part, i) =>
              part.command ? (
                <code key={i}>
                  <UserText text={part.text} max={500} />
                </code>
              ) : (
                <UserText key={i} text={part.text} max={1000} />
              )
            )}
          </p>
        )}
      </div>
      {finding.level !== 'ok' && <Help {...props} />}
    </li>
  );
}

function Findings(
  props: IFindingProps & { readonly items: readonly Finding[] }
): React.ReactElement {
  const { trans } = useStudio();
  const { items, ...rest } = props;
  const wrong = items
    .filter(one => one.level !== 'ok')
    .sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  const good = items.filter(one => one.level === 'ok');
  const list = (found: readonly Finding[]): React.ReactElement => (
    <ul className="jp-Mlstudio-findings">
      {found.map((one, i) => (
        <Item key={`${one.code}/${i}`} finding={one} {...rest} />
      ))}
    </ul>
  );
  return (
    <>
      <h3>
        {wrong.length === 0
          ? trans.__('Nothing is wrong')
          : trans._n(
              '%1 thing to look at',
              '%1 things to look at',
              wrong.length
            )}
      </h3>
      {wrong.length > 0 && list(wrong)}
      {good.length > 0 && (
        <details className="jp-Mlstudio-good" open={wrong.length === 0}>
          <summary>
            {trans._n('%1 check is good', '%1 checks are good', good.length)}
          </summary>
          {list(good)}
        </details>
      )}
    </>
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
      title: titleOf(finding, trans) || trans.__('Repair?'),
      body: `${finding.message} ${finding.hint}`.slice(0, 800),
      buttons: [
        Dialog.cancelButton(),
        Dialog.okButton({ label: repairLabel(finding.repair ?? '', trans) })
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
        {task?.report?.notes.map((note, i) => (
          <p key={i}>
            <UserText text={note} max={1000} />
          </p>
        ))}
        {query.data && (
          <Findings
            items={query.data.items}
            busy={repair.isPending || isOpen(task)}
            onRepair={finding => void ask(finding)}
            onLook={() => void query.refetch()}
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
