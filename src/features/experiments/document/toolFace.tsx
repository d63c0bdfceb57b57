/** The face of a tool: its name where there is room, else a drawing; the name is read either way. */
import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

export function ToolFace(props: {
  readonly icon: LabIcon;
  readonly label: string;
  /** Lies on its side: rows become columns. */
  readonly turned?: boolean;
}): JSX.Element {
  const { icon, label, turned } = props;
  return (
    <>
      <icon.react
        tag="span"
        elementSize="normal"
        className={`jp-Mlstudio-toolIcon${turned ? ' jp-mod-turned' : ''}`}
      />
      <span className="jp-Mlstudio-toolLabel">{label}</span>
    </>
  );
}
