/** The dialog in which a kernel's instance type is chosen; loaded when it is first opened. */
import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { coresHeld, freeGpus, shownSizes, sizesOf } from './sizes';
import type { IFilter, ISize, ISort, InstancesReply, SortKey } from './sizes';
import { SHARED, gib, sizeText } from './words';
// Lab's own sheet has no tables in dialogs.
import '../../../style/kernels.css';

/** What was chosen. */
export interface IChoice {
  readonly name: string;
  readonly save: boolean;
}

interface IPickerProps {
  readonly reply: InstancesReply;
  readonly kernelId: string;
  readonly current: string;
  /** The notebook has changes that a save would keep. */
  readonly unsaved: boolean;
  readonly trans: TranslationBundle;
  readonly onChoice: (choice: IChoice) => void;
}

const ALL: IFilter = { text: '', gpu: 'any', fitting: true };

function roomText(
  size: ISize,
  free: number,
  cards: number,
  trans: TranslationBundle
): string {
  switch (size.room) {
    case 'never':
      return trans.__('No GPU on this host');
    case 'busy':
      return trans.__('%1 of %2 GPUs free', free, cards);
    default:
      if (size.name === SHARED) {
        return trans.__('Shared, no limits');
      }
      return size.fits
        ? trans.__('Yes')
        : trans.__('Yes, cut to what this host has');
  }
}

/** What this host has, and what is held of it. */
function HostLine(props: IPickerProps): React.ReactElement {
  const { reply, kernelId, trans } = props;
  const { host } = reply;
  const size = sizeText(
    {
      vcpu: host.cpus.length,
      memoryMib: host.memory_mib,
      gpus: host.gpus.length
    },
    trans
  );
  const lines = [trans.__('This host: %1.', size)];
  const held = coresHeld(reply);
  if (held > 0) {
    lines.push(trans._n('Jobs hold %1 vCPU.', 'Jobs hold %1 vCPUs.', held));
  }
  if (host.gpus.length > 0) {
    const free = freeGpus(reply, kernelId);
    lines.push(trans.__('%1 of %2 GPUs are free.', free, host.gpus.length));
  }
  const others = host.gpus.filter(one => one.busy_outside).length;
  if (others > 0) {
    lines.push(
      trans._n(
        '%1 is busy outside Studio.',
        '%1 are busy outside Studio.',
        others
      )
    );
  }
  return <p className="jp-Mlstudio-picker-host">{lines.join(' ')}</p>;
}

interface IHeadProps {
  readonly id: SortKey;
  readonly label: string;
  readonly sort: ISort;
  readonly onSort: (sort: ISort) => void;
}

function Head(props: IHeadProps): React.ReactElement {
  const { id, label, sort } = props;
  const mine = sort.key === id;
  const order = sort.descending ? 'descending' : 'ascending';
  return (
    <th scope="col" aria-sort={mine ? order : 'none'}>
      <button
        type="button"
        className="jp-Mlstudio-picker-sort"
        onClick={() =>
          props.onSort({ key: id, descending: mine && !sort.descending })
        }
      >
        {label}
        <span aria-hidden="true">
          {mine ? (sort.descending ? ' ▾' : ' ▴') : ''}
        </span>
      </button>
    </th>
  );
}

interface IRowProps {
  readonly size: ISize;
  readonly room: string;
  readonly checked: boolean;
  readonly onCheck: () => void;
}

function Row(props: IRowProps): React.ReactElement {
  const { size, checked } = props;
  const disabled = size.room !== 'now' && !checked;
  return (
    <tr
      data-room={size.room}
      data-checked={checked || undefined}
      onClick={() => !disabled && props.onCheck()}
    >
      <th scope="row">
        <label>
          <input
            type="radio"
            name="mlstudio-instance"
            value={size.name}
            checked={checked}
            disabled={disabled}
            onChange={props.onCheck}
          />
          {size.name}
        </label>
      </th>
      <td>{size.vcpu}</td>
      <td>{gib(size.memoryMib)}</td>
      <td>
        {size.gpus === 0
          ? '–'
          : size.gpuMemoryGib > 0
            ? `${size.gpus} × ${size.gpuMemoryGib} GiB`
            : size.gpus}
      </td>
      <td className="jp-Mlstudio-picker-room">{props.room}</td>
    </tr>
  );
}

interface IFilterProps {
  readonly filter: IFilter;
  readonly trans: TranslationBundle;
  readonly onFilter: (filter: IFilter) => void;
}

function Filters(props: IFilterProps): React.ReactElement {
  const { filter, trans, onFilter } = props;
  return (
    <div className="jp-Mlstudio-picker-filters">
      <input
        type="search"
        className="jp-mod-styled"
        placeholder={trans.__('Filter by name')}
        aria-label={trans.__('Filter by name')}
        value={filter.text}
        onChange={event => onFilter({ ...filter, text: event.target.value })}
      />
      <select
        className="jp-mod-styled"
        aria-label={trans.__('GPU')}
        value={filter.gpu}
        onChange={event =>
          onFilter({ ...filter, gpu: event.target.value as IFilter['gpu'] })
        }
      >
        <option value="any">{trans.__('With or without GPU')}</option>
        <option value="with">{trans.__('With GPU')}</option>
        <option value="without">{trans.__('Without GPU')}</option>
      </select>
      <label>
        <input
          type="checkbox"
          checked={filter.fitting}
          onChange={event =>
            onFilter({ ...filter, fitting: event.target.checked })
          }
        />
        {trans.__('Only what fits this host')}
      </label>
    </div>
  );
}

/** Filter, table, what a switch costs. */
export function Picker(props: IPickerProps): React.ReactElement {
  const { reply, kernelId, current, trans, onChoice } = props;
  const [filter, setFilter] = React.useState(ALL);
  const [sort, setSort] = React.useState<ISort | null>(null);
  const [name, setName] = React.useState(current);
  const [save, setSave] = React.useState(props.unsaved);
  const sizes = React.useMemo(
    () => sizesOf(reply, kernelId),
    [reply, kernelId]
  );
  React.useEffect(() => onChoice({ name, save }), [name, save, onChoice]);
  const free = freeGpus(reply, kernelId);
  const order = sort ?? { key: 'room', descending: false };
  const rows = shownSizes(sizes, filter, order, name);
  const head = (id: SortKey, label: string): React.ReactElement => (
    <Head
      id={id}
      label={label}
      sort={sort ?? { key: 'room', descending: false }}
      onSort={setSort}
    />
  );
  return (
    <div className="jp-Mlstudio-picker">
      <HostLine {...props} />
      <Filters filter={filter} trans={trans} onFilter={setFilter} />
      <div
        className="jp-Mlstudio-picker-scroll"
        tabIndex={0}
        role="region"
        aria-label={trans.__('Instance types')}
      >
        <table>
          <thead>
            <tr>
              {head('name', trans.__('Instance type'))}
              {head('vcpu', trans.__('vCPU'))}
              {head('memoryMib', trans.__('GiB'))}
              {head('gpus', trans.__('GPU'))}
              {head('room', trans.__('Free now'))}
            </tr>
          </thead>
          <tbody>
            {rows.map(size => (
              <Row
                key={size.name}
                size={size}
                room={roomText(size, free, reply.host.gpus.length, trans)}
                checked={size.name === name}
                onCheck={() => setName(size.name)}
              />
            ))}
          </tbody>
        </table>
      </div>
      <p className="jp-Mlstudio-picker-warning" role="note">
        {trans.__(
          'The kernel restarts on the other type: all its variables are lost. Outputs stay in the notebook.'
        )}
      </p>
      {props.unsaved && (
        <label className="jp-Mlstudio-picker-save">
          <input
            type="checkbox"
            checked={save}
            onChange={event => setSave(event.target.checked)}
          />
          {trans.__('Save the notebook first')}
        </label>
      )}
    </div>
  );
}

/** The picker as the body of a dialog. */
export class PickerBody
  extends ReactWidget
  implements Dialog.IBodyWidget<IChoice>
{
  constructor(private readonly options: Omit<IPickerProps, 'onChoice'>) {
    super();
    this.addClass('jp-Mlstudio-picker-body');
    this.#choice = { name: options.current, save: options.unsaved };
  }

  getValue(): IChoice {
    return this.#choice;
  }

  protected render(): React.ReactElement {
    return <Picker {...this.options} onChoice={this.#keep} />;
  }

  readonly #keep = (choice: IChoice): void => {
    this.#choice = choice;
  };
  #choice: IChoice;
}

/** Ask which instance type a kernel shall run on; null when nothing is to be done. */
export async function pick(
  options: Omit<IPickerProps, 'onChoice'>
): Promise<IChoice | null> {
  const { trans } = options;
  const answer = await new Dialog<IChoice>({
    title: trans.__('Choose an instance type'),
    body: new PickerBody(options),
    focusNodeSelector: 'input[type=radio]:checked',
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Restart Kernel on It') })
    ]
  }).launch();
  return answer.button.accept ? answer.value : null;
}
