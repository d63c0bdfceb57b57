/** The log of a component: its job's, else what `mlstudio run` kept of its output. */
import * as React from 'react';

import { useQuery, useQueryClient } from '@tanstack/react-query';

import {
  JobLog,
  RunLog,
  outputAddress,
  pushOf,
  readerOf
} from '../../../components/log';
import type { ComponentRecord, JobRecord } from '../../../api/types';
import { isRunning, useLive, useStudio } from '../../../components/common';

/** Whether output of the component was kept; asked once, and told by the socket from then on. */
export function useHasOutput(name: string): boolean {
  const { api } = useStudio();
  const client = useQueryClient();
  const key = ['component-output', name];
  useLive([`output:${name}`], event => {
    const push = pushOf(event);
    if ((push?.total ?? push?.data?.length ?? 0) > 0) {
      client.setQueryData(key, true);
    }
  });
  const { data } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) =>
      (await readerOf(api, outputAddress(name))(0, 1, signal)).total > 0
  });
  return data ?? false;
}

/** The tab. */
export function Log(props: {
  readonly component: ComponentRecord;
  readonly job: JobRecord | null;
}): React.ReactElement {
  const { component, job } = props;
  return job ? (
    <JobLog job={job} />
  ) : (
    <RunLog name={component.name} running={isRunning(component.status)} />
  );
}
