/** What the form and the list of schedules read and ask. */
import { useQuery } from '@tanstack/react-query';
import * as React from 'react';

import { unwrap } from '../../api/client';
import type { JobRecord, Schemas } from '../../api/types';
import {
  studioQueryClient,
  useLive,
  useStale,
  useStudio
} from '../../components/common';
import type { IStudioServices } from '../../components/common';

export type Schedule = Schemas['Schedule'];

const SCHEDULES = ['schedules', 'list'];
/** Milliseconds without a key until an expression is asked about. */
const TYPING = 300;
/** Names that are offered; more can be typed. */
const OFFERED = 200;
/** Jobs of a schedule that are shown. */
const HISTORY = 20;

/** Sizes and what is held of this host. */
export function useInstances() {
  const { api } = useStudio();
  return useQuery({
    queryKey: ['instances'],
    staleTime: 10_000,
    queryFn: async ({ signal }) =>
      unwrap(await api.client.GET('/instances', { signal }))
  });
}

/** Names of experiments. */
export function useExperiments(): readonly string[] {
  const { api } = useStudio();
  const query = useQuery({
    queryKey: ['experiments', 'names'],
    staleTime: 10_000,
    queryFn: async ({ signal }) => {
      const params = { query: { limit: OFFERED } };
      const page = await api.client.GET('/experiments', { params, signal });
      return unwrap(page).items.map(one => one.name);
    }
  });
  return query.data ?? [];
}

/** What a notebook takes. It is read again by each form: the file changes. */
export function useParameters(path: string, enabled: boolean) {
  const { api } = useStudio();
  return useQuery({
    queryKey: ['notebook-parameters', path],
    enabled,
    staleTime: 0,
    queryFn: async ({ signal }) => {
      const params = { query: { path } };
      return unwrap(
        await api.client.GET('/notebook-parameters', { params, signal })
      );
    }
  });
}

/** What an expression means, once nobody types any more. */
export function useCron(cron: string, timezone: string) {
  const { api } = useStudio();
  const [asked, setAsked] = React.useState({ cron, timezone });
  React.useEffect(() => {
    const timer = setTimeout(() => setAsked({ cron, timezone }), TYPING);
    return () => clearTimeout(timer);
  }, [cron, timezone]);
  return useQuery({
    queryKey: ['cron', asked.cron, asked.timezone],
    enabled: asked.cron.trim() !== '',
    staleTime: 30_000,
    queryFn: async ({ signal }) =>
      unwrap(
        await api.client.GET('/cron', { params: { query: asked }, signal })
      )
  });
}

/** All schedules, live. */
export function useSchedules() {
  const { api } = useStudio();
  useStale(SCHEDULES);
  useLive(['schedules'], refreshSchedules);
  return useQuery({
    queryKey: SCHEDULES,
    queryFn: async ({ signal }) =>
      unwrap(await api.client.GET('/schedules', { signal })).items
  });
}

/** Read schedules again. */
export function refreshSchedules(): void {
  void studioQueryClient.invalidateQueries({ queryKey: SCHEDULES });
}

/** The newest jobs of a schedule. */
export function useHistory(schedule: string, runs: number) {
  const { api } = useStudio();
  return useQuery({
    queryKey: ['jobs', 'schedule', schedule, runs],
    queryFn: async ({ signal }) => {
      const params = { query: { schedule, limit: HISTORY } };
      return unwrap(await api.client.GET('/jobs', { params, signal })).items;
    }
  });
}

/** Run a file now. */
export async function submit(
  services: IStudioServices,
  body: Schemas['JobFromFile']
): Promise<JobRecord> {
  const job = unwrap(await services.api.client.POST('/jobs', { body }));
  void studioQueryClient.invalidateQueries({ queryKey: ['jobs'] });
  return job;
}

/** Run a file again and again. */
export async function schedule(
  services: IStudioServices,
  body: Schemas['ScheduleFromFile']
): Promise<Schedule> {
  const made = unwrap(await services.api.client.POST('/schedules', { body }));
  refreshSchedules();
  return made;
}

/** Change a schedule. */
export async function patch(
  services: IStudioServices,
  name: string,
  body: Schemas['SchedulePatch']
): Promise<void> {
  const params = { path: { name } };
  unwrap(
    await services.api.client.PATCH('/schedules/{name}', { params, body })
  );
  refreshSchedules();
}

/** Submit a schedule's job once. */
export async function runNow(
  services: IStudioServices,
  name: string
): Promise<JobRecord> {
  const params = { path: { name } };
  const job = unwrap(
    await services.api.client.POST('/schedules/{name}/run', { params })
  );
  refreshSchedules();
  return job;
}

/** Remove a schedule; its jobs stay. */
export async function remove(
  services: IStudioServices,
  name: string
): Promise<void> {
  const params = { path: { name } };
  await services.api.client.DELETE('/schedules/{name}', { params });
  refreshSchedules();
}
