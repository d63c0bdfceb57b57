import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { IStudioApi } from '../../tokens';
import { KernelsUsage } from './usage';

const row = { kernel_id: 'k', rss: 5 };

function world() {
  const GET = vi.fn().mockResolvedValue({ data: { kernels: [row] } });
  const api = { client: { GET } } as unknown as IStudioApi;
  return { GET, usage: new KernelsUsage(api, () => Promise.resolve(3)) };
}

describe('KernelsUsage', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks while somebody looks and only then', async () => {
    const { GET, usage } = world();
    let looking = false;
    usage.lookFor(() => false);
    usage.lookFor(() => looking);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(GET).not.toHaveBeenCalled();
    looking = true;
    await vi.advanceTimersByTimeAsync(9_000);
    expect(GET).toHaveBeenCalledTimes(3);
    expect(usage.of('k')).toEqual(row);
    expect(usage.of('other')).toBeNull();
    expect(usage.of(undefined)).toBeNull();
    looking = false;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(GET).toHaveBeenCalledTimes(3);
    usage.dispose();
  });

  it('asks nothing for a page in the background', async () => {
    const { GET, usage } = world();
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    usage.lookFor(() => true);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(GET).not.toHaveBeenCalled();
    usage.dispose();
  });

  it('keeps what was seen while the server does not answer, and asks again', async () => {
    const { GET, usage } = world();
    const seen: number[] = [];
    usage.changed.connect(() => seen.push(usage.kernels.length));
    await usage.read();
    GET.mockRejectedValueOnce(new TypeError('failed'));
    await usage.read();
    expect(usage.kernels).toEqual([row]);
    expect(seen).toEqual([1]);
    await usage.read();
    expect(seen).toEqual([1, 1]);
  });

  it('asks once at a time', async () => {
    const { GET, usage } = world();
    await Promise.all([usage.read(), usage.read()]);
    expect(GET).toHaveBeenCalledTimes(1);
  });

  it('ends', async () => {
    const { GET, usage } = world();
    usage.lookFor(() => true);
    usage.dispose();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(GET).not.toHaveBeenCalled();
  });
});
