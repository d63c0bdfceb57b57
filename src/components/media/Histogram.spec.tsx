import '../common/dom.fixture';

import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';

import type { IStudioServices } from '../common';
import { StudioProvider } from '../common/context';
import { Histogram, HistogramSpan } from './Histogram';

(
  globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }
).IS_REACT_ACT_ENVIRONMENT = true;

const services = {
  trans: nullTranslator.load('mlstudio'),
  live: null
} as unknown as IStudioServices;

it('of several trials stand over one range of values, as long as they stand there', () => {
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  const show = (edges: readonly (readonly number[])[]): void =>
    React.act(() =>
      root.render(
        <StudioProvider services={services}>
          <HistogramSpan>
            {edges.map((one, i) => (
              <Histogram
                key={i}
                histogram={{ counts: [1, 2], edges: [...one] }}
              />
            ))}
          </HistogramSpan>
        </StudioProvider>
      )
    );
  const captions = (): string[] =>
    [...host.querySelectorAll('figcaption')].map(one =>
      [...one.children].map(part => part.textContent).join(' ')
    );
  const lefts = (): (string | null)[] =>
    [...host.querySelectorAll('rect')].map(one => one.getAttribute('x'));
  show([
    [0, 1, 2],
    [2, 3, 4]
  ]);
  expect(captions()).toEqual(['0 4', '0 4']);
  expect(lefts()).toEqual(['0', '75', '150', '225']);
  show([[0, 1, 2]]);
  expect(captions()).toEqual(['0 2']);
  expect(lefts()).toEqual(['0', '150']);
  React.act(() => root.unmount());
});
