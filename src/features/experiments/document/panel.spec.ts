import '../../../components/common/dom.fixture';

import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { IStudioServices } from '../../../components/common';
import { createDocument } from './panel';

const services = {
  trans: nullTranslator.load('mlstudio'),
  live: null
} as unknown as IStudioServices;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a document that stands open already', () => {
  it('shows what a link says, and keeps it over a reload', () => {
    const page = createDocument(services, 'mnist', {
      v: 1,
      where: 'params.lr = 1',
      selected: ['mine']
    });
    const kept = vi.fn();
    page.stateChanged.connect(kept);
    page.applyView({ v: 1, where: 'metrics.loss < 1', selected: ['theirs'] });
    expect(page.toJson()).toMatchObject({
      where: 'metrics.loss < 1',
      selected: ['theirs']
    });
    vi.advanceTimersByTime(1000);
    expect(kept).toHaveBeenCalledTimes(1);
    page.dispose();
  });

  it('stays as it is for a link without a view, or with one of another version', () => {
    const page = createDocument(services, 'mnist', { v: 1, quick: 'abc' });
    page.applyView({});
    page.applyView({ v: 2, quick: 'other' });
    expect(page.toJson()).toMatchObject({ quick: 'abc' });
    page.dispose();
  });
});
