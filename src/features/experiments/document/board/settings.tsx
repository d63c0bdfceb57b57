/** The settings of a card, in a popover beside it. */
import * as React from 'react';

import { useStudio } from '../../../../components/common';
import { labelOf, metricOf, Popover } from '../../../../components/table';
import { useBoard } from './boardContext';
import { Check, Choice, ColumnChoice, KeyList, Smoothing } from './fields';
import type {
  IArtifactCard,
  IBarCard,
  IBoxCard,
  ICard,
  IContourCard,
  ICorrelationCard,
  ICurvesCard,
  IImportanceCard,
  IParallelCard,
  IScatterCard
} from './model';
import {
  barKeys,
  boxKeys,
  contourKeys,
  correlationKeys,
  importanceKey,
  parallelKeys,
  scatterKeys
} from './resolve';
import { XChoice } from './xChoice';

interface ISettingsProps {
  readonly card: ICard;
  readonly title: string;
  readonly anchor: HTMLElement;
  onClose(): void;
}

export function CardSettings(props: ISettingsProps): JSX.Element {
  const { card } = props;
  const { trans } = useStudio();
  return (
    <Popover
      anchor={props.anchor}
      role="dialog"
      label={trans.__('Settings of %1', props.title.slice(0, 80))}
      onClose={props.onClose}
    >
      <div className="jp-Mlstudio-cardSettings">
        <Fields card={card} />
      </div>
    </Popover>
  );
}

function Fields({ card }: { card: ICard }): JSX.Element | null {
  switch (card.kind) {
    case 'curves':
      return <CurvesFields card={card} />;
    case 'scatter':
      return <ScatterFields card={card} />;
    case 'bar':
      return <BarFields card={card} />;
    case 'box':
      return <BoxFields card={card} />;
    case 'contour':
      return <ContourFields card={card} />;
    case 'parallel':
      return <ParallelFields card={card} />;
    case 'importance':
      return <ImportanceFields card={card} />;
    case 'correlation':
      return <CorrelationFields card={card} />;
    case 'artifact':
      return <ArtifactFields card={card} />;
    case 'section':
      return null;
  }
}

/** Changes fields of one card. */
function useChange<C extends ICard>(card: C): (change: Partial<C>) => void {
  const { change } = useBoard();
  return fields => change(card.id, fields as Partial<ICard>);
}

function CurvesFields({ card }: { card: ICurvesCard }): JSX.Element {
  const { trans } = useStudio();
  const { choices, columns } = useBoard();
  const set = useChange(card);
  const groupable = columns.filter(
    c => c.group === 'params' || c.group === 'tags' || c.key === 'status'
  );
  const own = card.group !== '' && card.group !== 'table';
  return (
    <>
      <KeyList
        label={trans.__('Metrics')}
        all={choices.metrics}
        chosen={card.metrics}
        most={12}
        onChosen={metrics => set({ metrics })}
      />
      <XChoice
        value={card.x}
        metrics={choices.metrics}
        onValue={x => set({ x })}
      />
      <Smoothing value={card.smooth} onValue={smooth => set({ smooth })} />
      <div className="jp-Mlstudio-row">
        <Check
          label={trans.__('log y')}
          value={card.logY}
          onValue={logY => set({ logY })}
        />
        <Check
          label={trans.__('log x')}
          value={card.logX}
          onValue={logX => set({ logX })}
        />
        <Check
          label={trans.__('leave outliers outside')}
          value={card.clip}
          onValue={clip => set({ clip })}
        />
      </div>
      <Choice
        label={trans.__('group by')}
        value={card.group}
        options={[
          ['', trans.__('nothing')],
          ['table', trans.__('as the table')],
          ...groupable
            .slice(0, 200)
            .map(c => [c.key, labelOf(c.key, trans)] as const),
          ...(own && !groupable.some(c => c.key === card.group)
            ? [[card.group, labelOf(card.group, trans)] as const]
            : [])
        ]}
        onValue={group => set({ group })}
      />
      <Choice
        label={trans.__('band')}
        value={card.band}
        options={[
          ['range', trans.__('lowest to highest')],
          ['std', trans.__('one standard deviation')]
        ]}
        onValue={band => set({ band })}
      />
    </>
  );
}

/** null, true, false as a choice. */
function LogChoice(props: {
  label: string;
  value: boolean | null;
  onValue(value: boolean | null): void;
}): JSX.Element {
  const { trans } = useStudio();
  const { value } = props;
  return (
    <Choice
      label={props.label}
      value={value === null ? 'auto' : value ? 'log' : 'linear'}
      options={[
        ['auto', trans.__('automatic')],
        ['linear', trans.__('linear')],
        ['log', trans.__('logarithmic')]
      ]}
      onValue={next => props.onValue(next === 'auto' ? null : next === 'log')}
    />
  );
}

function ScatterFields({ card }: { card: IScatterCard }): JSX.Element {
  const { trans } = useStudio();
  const { choices } = useBoard();
  const set = useChange(card);
  const keys = scatterKeys(card, choices.all);
  const { all } = choices;
  const none = trans.__('none');
  return (
    <>
      <ColumnChoice
        label={trans.__('x')}
        value={keys?.x ?? null}
        columns={all}
        onValue={x => set({ x })}
      />
      <ColumnChoice
        label={trans.__('y')}
        value={keys?.y ?? null}
        columns={all}
        onValue={y => set({ y })}
      />
      <ColumnChoice
        label={trans.__('colour')}
        value={keys?.color ?? null}
        columns={all}
        none={none}
        onValue={color => set({ color })}
      />
      <ColumnChoice
        label={trans.__('size')}
        value={keys?.size ?? null}
        columns={all.filter(c => c.kind === 'float')}
        none={none}
        onValue={size => set({ size })}
      />
      <LogChoice
        label={trans.__('x axis')}
        value={card.logX}
        onValue={logX => set({ logX })}
      />
      <LogChoice
        label={trans.__('y axis')}
        value={card.logY}
        onValue={logY => set({ logY })}
      />
      <Check
        label={trans.__('line of least squares')}
        value={card.trend}
        onValue={trend => set({ trend })}
      />
    </>
  );
}

function BarFields({ card }: { card: IBarCard }): JSX.Element {
  const { trans } = useStudio();
  const { choices, columns } = useBoard();
  const set = useChange(card);
  const keys = barKeys(card, choices.all);
  return (
    <>
      <ColumnChoice
        label={trans.__('value')}
        value={keys?.y ?? null}
        columns={choices.all.filter(c => c.kind === 'float')}
        onValue={y => set({ y })}
      />
      <ColumnChoice
        label={trans.__('bars')}
        value={keys?.by ?? null}
        columns={columns.filter(c => c.group !== 'metrics' && c.key !== 'name')}
        none={trans.__('one for each trial')}
        onValue={by => set({ by })}
      />
      <Choice
        label={trans.__('error bars')}
        value={card.error}
        options={[
          ['std', trans.__('one standard deviation')],
          ['range', trans.__('lowest to highest')],
          ['none', trans.__('none')]
        ]}
        onValue={error => set({ error })}
      />
    </>
  );
}

function BoxFields({ card }: { card: IBoxCard }): JSX.Element {
  const { trans } = useStudio();
  const { choices, columns } = useBoard();
  const set = useChange(card);
  const keys = boxKeys(card, choices.all);
  return (
    <>
      <ColumnChoice
        label={trans.__('value')}
        value={keys?.y ?? null}
        columns={choices.all.filter(c => c.kind === 'float')}
        onValue={y => set({ y })}
      />
      <ColumnChoice
        label={trans.__('boxes')}
        value={keys?.by ?? null}
        columns={columns.filter(c => c.group !== 'metrics' && c.key !== 'name')}
        onValue={by => set({ by })}
      />
    </>
  );
}

function ContourFields({ card }: { card: IContourCard }): JSX.Element {
  const { trans } = useStudio();
  const { choices } = useBoard();
  const set = useChange(card);
  const keys = contourKeys(card, choices.all);
  const floats = choices.all.filter(c => c.kind === 'float');
  return (
    <>
      <ColumnChoice
        label={trans.__('x')}
        value={keys?.x ?? null}
        columns={floats}
        onValue={x => set({ x })}
      />
      <ColumnChoice
        label={trans.__('y')}
        value={keys?.y ?? null}
        columns={floats}
        onValue={y => set({ y })}
      />
      <ColumnChoice
        label={trans.__('colour')}
        value={keys?.z ?? null}
        columns={floats}
        onValue={z => set({ z })}
      />
    </>
  );
}

function ParallelFields({ card }: { card: IParallelCard }): JSX.Element {
  const { trans } = useStudio();
  const { choices } = useBoard();
  const set = useChange(card);
  const { axes, color } = parallelKeys(card, choices.all);
  const all = choices.all.filter(
    c => (metricOf(c.key)?.stat ?? 'last') === 'last' || axes.includes(c.key)
  );
  return (
    <>
      <KeyList
        label={trans.__('Axes')}
        all={all.map(c => c.key)}
        chosen={axes}
        most={24}
        labelOf={key => labelOf(key, trans)}
        onChosen={next => set({ axes: next })}
      />
      <ColumnChoice
        label={trans.__('colour')}
        value={color}
        columns={choices.all.filter(c => axes.includes(c.key))}
        onValue={next => set({ color: next })}
      />
    </>
  );
}

function ImportanceFields({ card }: { card: IImportanceCard }): JSX.Element {
  const { trans } = useStudio();
  const { choices } = useBoard();
  const set = useChange(card);
  return (
    <ColumnChoice
      label={trans.__('metric')}
      value={importanceKey(card, choices.all)}
      columns={choices.all.filter(c => c.group === 'metrics')}
      onValue={metric => set({ metric })}
    />
  );
}

function CorrelationFields({ card }: { card: ICorrelationCard }): JSX.Element {
  const { trans } = useStudio();
  const { choices } = useBoard();
  const set = useChange(card);
  return (
    <KeyList
      label={trans.__('Columns')}
      all={choices.all.filter(c => c.kind === 'float').map(c => c.key)}
      chosen={correlationKeys(card, choices.all)}
      most={40}
      labelOf={key => labelOf(key, trans)}
      onChosen={columns => set({ columns })}
    />
  );
}

function ArtifactFields({ card }: { card: IArtifactCard }): JSX.Element {
  const { trans } = useStudio();
  const set = useChange(card);
  return (
    <Choice
      label={trans.__('shows')}
      value={card.what}
      options={[
        ['roc', trans.__('ROC curves')],
        ['pr', trans.__('Precision and recall')],
        ['confusion', trans.__('Confusion matrix')]
      ]}
      onValue={what => set({ what })}
    />
  );
}
