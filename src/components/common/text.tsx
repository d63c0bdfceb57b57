/** What a user wrote: a text node, isolated from the direction of the text around it, cut when long. */
import * as React from 'react';

const MAX = 300;

interface IUserTextProps {
  readonly text: string;
  /** Characters to show; the whole (up to 2,000) is in the tooltip. */
  readonly max?: number;
}

/** User text in a line. */
export function UserText(props: IUserTextProps): React.ReactElement {
  const { text, max = MAX } = props;
  const cut = text.length > max;
  return (
    <bdi title={cut ? text.slice(0, 2000) : undefined}>
      {cut ? `${text.slice(0, max)}…` : text}
    </bdi>
  );
}
