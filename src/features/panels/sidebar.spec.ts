import '../../components/common/dom.fixture';

import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { expect, it, vi } from 'vitest';

import { studioIcon } from '../../icons';
import { PanelRegistry, StudioSidebar } from './sidebar';

const [GOOD, BROKEN] = ['good', 'broken'];

it('says why a section is empty whose code cannot be loaded', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  const registry = new PanelRegistry(() => undefined);
  registry.register({
    id: 'broken',
    title: BROKEN,
    icon: studioIcon,
    rank: 1,
    render: () => Promise.reject(new Error('Loading chunk 7 failed.'))
  });
  registry.register({
    id: 'good',
    title: GOOD,
    icon: studioIcon,
    rank: 2,
    render: async () => {
      const widget = new Widget();
      widget.node.textContent = GOOD;
      return widget;
    }
  });
  const sidebar = new StudioSidebar(registry, nullTranslator);
  sidebar.hide();
  Widget.attach(sidebar, document.body);
  sidebar.show();
  await new Promise(resolve => setTimeout(resolve, 0));
  expect(document.querySelector('[role=alert]')?.textContent).toMatch(
    'mlstudio was updated'
  );
  expect(sidebar.node.textContent).toContain(GOOD);
  sidebar.dispose();
});
