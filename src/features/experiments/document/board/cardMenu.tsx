/** What can be done with a card, as a menu. */
import * as React from 'react';

import type { IFigureTool } from '../../../../components/charts';
import { useStudio } from '../../../../components/common';
import { Popover } from '../../../../components/table';
import { SPAN } from './arrange';
import type { ICardActions } from './cardHead';
import type { ICard } from './model';

interface ICardMenuProps {
  readonly card: ICard;
  readonly title: string;
  readonly tools: readonly IFigureTool[];
  readonly anchor: HTMLElement;
  readonly actions: ICardActions;
  onRename(): void;
  onClose(): void;
}

interface IItem {
  readonly label: string;
  readonly act: () => void;
  readonly disabled?: boolean;
}

export function CardMenu(props: ICardMenuProps): JSX.Element {
  const { trans } = useStudio();
  const groups = itemsOf(props, trans);
  return (
    <Popover
      anchor={props.anchor}
      role="menu"
      label={trans.__('Menu of %1', props.title.slice(0, 80))}
      onClose={props.onClose}
    >
      {groups.map((items, i) => (
        <div key={i} role="none" className="jp-Mlstudio-menuGroup">
          {items.map(item => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              className="jp-Mlstudio-menuItem"
              disabled={item.disabled}
              onClick={() => {
                props.onClose();
                item.act();
              }}
            >
              {item.label}
            </button>
          ))}
        </div>
      ))}
    </Popover>
  );
}

function itemsOf(
  props: ICardMenuProps,
  trans: ReturnType<typeof useStudio>['trans']
): IItem[][] {
  const { card, actions, title, tools } = props;
  const { id, collapsed, span } = card;
  const section = card.kind === 'section';
  const names: Record<IFigureTool['id'], string> = {
    table: trans.__('Table of values'),
    png: trans.__('Save as PNG'),
    svg: trans.__('Save as SVG'),
    csv: trans.__('Save values as CSV')
  };
  const change = (fields: Partial<ICard>): void => actions.onChange(id, fields);
  const chart: IItem[] = section
    ? []
    : [
        ...tools.map(tool => ({ label: names[tool.id], act: tool.act })),
        {
          label: trans.__('Open as notebook'),
          act: () => actions.onNotebook(card, title)
        }
      ];
  const size: IItem[] = section
    ? []
    : [
        {
          label: trans.__('Wider'),
          disabled: span >= SPAN || collapsed,
          act: () => change({ span: span + 1 })
        },
        {
          label: trans.__('Narrower'),
          disabled: span <= 1 || collapsed,
          act: () => change({ span: span - 1 })
        }
      ];
  return [
    chart,
    [
      { label: trans.__('Rename…'), act: props.onRename },
      {
        label: collapsed ? trans.__('Show') : trans.__('Collapse'),
        act: () => change({ collapsed: !collapsed })
      },
      ...size,
      {
        label: trans.__('Move earlier'),
        act: () => actions.onMoveBy(id, -1, title)
      },
      {
        label: trans.__('Move later'),
        act: () => actions.onMoveBy(id, 1, title)
      }
    ],
    [
      { label: trans.__('Copy link to this board'), act: actions.onLink },
      { label: trans.__('Duplicate'), act: () => actions.onDuplicate(id) },
      { label: trans.__('Remove'), act: () => actions.onRemove(id, title) }
    ]
  ].filter(items => items.length > 0);
}
