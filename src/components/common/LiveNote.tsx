/** A line that says when what is shown is not live: the socket is lost, and why if that is known. */
import * as React from 'react';

import { Banner } from './Banner';
import { useStudio } from './context';

/** A blink of the connection is not worth a line. */
const PATIENCE = 2500;

/** Nothing while the socket is well. */
export function LiveNote(): React.ReactElement | null {
  const { live, trans } = useStudio();
  const [lost, setLost] = React.useState(false);
  const [problem, setProblem] = React.useState<unknown>(null);
  React.useEffect(() => {
    if (live === null) {
      return;
    }
    let timer = 0;
    const look = (): void => {
      window.clearTimeout(timer);
      setProblem(live.problem);
      if (live.state === 'open' || live.state === 'idle') {
        setLost(false);
      } else {
        timer = window.setTimeout(() => setLost(true), PATIENCE);
      }
    };
    look();
    live.stateChanged.connect(look);
    return () => {
      window.clearTimeout(timer);
      live.stateChanged.disconnect(look);
    };
  }, [live]);
  if (!lost) {
    return null;
  }
  return problem !== null ? (
    <Banner error={problem} />
  ) : (
    <p className="jp-Mlstudio-livenote" role="status">
      {trans.__('Not live: connecting to the server again…')}
    </p>
  );
}
