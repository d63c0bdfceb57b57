/** Puts the Studio sidebar into the left area and provides the registry of its sections. */
import { ILayoutRestorer } from '@jupyterlab/application';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { studioIcon } from '../../icons';
import { IPanelRegistry } from '../../tokens';
import { PanelRegistry, StudioSidebar } from './sidebar';

const OPEN = 'mlstudio:open-studio';

export const panelsPlugin: JupyterFrontEndPlugin<IPanelRegistry> = {
  id: 'mlstudio:panels',
  description: 'The Studio sidebar and the registry of its sections.',
  autoStart: true,
  provides: IPanelRegistry,
  optional: [ILayoutRestorer, ICommandPalette, ILauncher, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    translator: ITranslator | null
  ): IPanelRegistry => {
    const trans = (translator ?? nullTranslator).load('mlstudio');
    const registry = new PanelRegistry(() => {
      app.shell.activateById('mlstudio-sidebar');
    });
    const sidebar = new StudioSidebar(registry, translator ?? nullTranslator);
    app.shell.add(sidebar, 'left', { rank: 150, type: 'mlstudio' });
    restorer?.add(sidebar, sidebar.id);
    app.commands.addCommand(OPEN, {
      label: args =>
        args.isPalette ? trans.__('Open Studio') : trans.__('Studio'),
      caption: trans.__('Experiments and jobs: what ran, how it went'),
      icon: args => (args.isPalette ? undefined : studioIcon),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            section: {
              type: 'string',
              description: trans.__('Section of the sidebar to show')
            },
            isPalette: { type: 'boolean' }
          }
        }
      },
      execute: args => {
        registry.reveal(
          typeof args.section === 'string' ? args.section : undefined
        );
        return sidebar;
      }
    });
    palette?.addItem({
      command: OPEN,
      category: trans.__('ML'),
      args: { isPalette: true }
    });
    launcher?.add({ command: OPEN, category: trans.__('ML'), rank: 1 });
    return registry;
  }
};
