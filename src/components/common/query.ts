/**
 * One cache for all our panels. Nothing grows stale by time: the socket says what changed.
 */
import { QueryClient } from '@tanstack/react-query';

import { asStudioError } from '../../api/errors';

/** Failures that may pass by themselves. */
const PASSING = new Set(['network', 'unreachable', 'store_busy', 'too_many']);

export const studioQueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      networkMode: 'always',
      retry: (count, error) =>
        count < 2 && PASSING.has(asStudioError(error).code),
      retryDelay: count => 500 * 2 ** count
    },
    mutations: { networkMode: 'always' }
  }
});
