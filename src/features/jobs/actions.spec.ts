import '../../components/common/dom.fixture';

import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, expect, it, vi } from 'vitest';

import { StudioError } from '../../api/errors';
import type { IStudioServices } from '../../components/common';
import { deleteFinished } from './actions';

const shown = vi.hoisted(() => ({ body: '' }));
vi.mock('@jupyterlab/apputils', async original => ({
  ...(await original<object>()),
  showDialog: async ({ body }: { body: string }) => {
    shown.body = body;
    return { button: { accept: true } };
  }
}));

afterEach(() => vi.restoreAllMocks());

/** A server with 1,001 completed jobs in two pages. */
function world(answer: () => Promise<unknown>) {
  const post = vi.fn(answer);
  const GET = async (
    _: string,
    { params }: { params: { query: { status: string; cursor?: string } } }
  ) => {
    const { status, cursor } = params.query;
    const count = status !== 'Completed' ? 0 : cursor === undefined ? 1000 : 1;
    const next = count === 1000 ? 'more' : null;
    return { data: { items: Array.from({ length: count }), next } };
  };
  const services = {
    trans: nullTranslator.load('mlstudio'),
    api: { client: { GET, POST: post } }
  } as unknown as IStudioServices;
  return { post, services };
}

it('deletes ended jobs with one request and says what came of it', async () => {
  const said = vi.spyOn(Notification, 'success').mockReturnValue('');
  const data = { deleted: 1001, freed: 2_000_000 };
  const { post, services } = world(async () => ({ data }));
  await deleteFinished(services);
  expect(shown.body).toContain('1001 jobs');
  expect(post.mock.calls).toEqual([['/jobs/delete-finished', { body: {} }]]);
  expect(said.mock.calls[0][0]).toContain('1001 jobs were deleted, 2.0 MB');
});

it('says why nothing was deleted', async () => {
  const said = vi.spyOn(Notification, 'error').mockReturnValue('');
  const { services } = world(async () => {
    throw new StudioError('forbidden', 'You may not do this.');
  });
  await deleteFinished(services);
  expect(said.mock.calls[0][0]).toContain('You may not do this.');
});
