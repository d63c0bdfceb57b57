/** Pages in the main area: at most one for each name, restored with their state. */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import {
  MainAreaWidget,
  Notification,
  WidgetTracker
} from '@jupyterlab/apputils';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { JSONObject } from '@lumino/coreutils';

import type { IStudioServices, IStudioView } from './view';

type Page = MainAreaWidget<IStudioView>;

/** Makes the inside of a page. */
export type Create = (
  services: IStudioServices,
  name: string,
  state: JSONObject | null
) => IStudioView;

/** What a kind of page is. */
export interface IPageKind {
  readonly feature: string;
  readonly icon: LabIcon;
  readonly load: () => Promise<Create>;
}

/** Whether a value of an argument or a state is an object. */
export const isObject = (value: unknown): value is JSONObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Pages of one kind. */
export class Pages {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly services: IStudioServices,
    private readonly kind: IPageKind
  ) {
    this.tracker = new WidgetTracker<Page>({
      namespace: `mlstudio-${kind.feature}`
    });
  }

  async open(name: string, view: JSONObject | null): Promise<Page> {
    const id = `mlstudio-${this.kind.feature}-${name}`;
    // The second click of a double click comes while the first one still loads the code.
    const coming = this.opening.get(id);
    if (coming) {
      return coming;
    }
    const open = this.tracker.find(page => page.id === id);
    if (open) {
      this.app.shell.activateById(id);
      if (view) {
        open.content.applyView?.(view);
      }
      return open;
    }
    const made = this.create(id, name, view).finally(() =>
      this.opening.delete(id)
    );
    this.opening.set(id, made);
    return made;
  }

  /** Bring the pages back after a reload, each by `command`. */
  restore(restorer: ILayoutRestorer | null, command: string): void {
    void restorer?.restore(this.tracker, {
      command,
      args: page => {
        const open = this.openOf(page);
        return { name: open?.name ?? '', view: open?.view ?? {} };
      },
      name: page => this.names.get(page) ?? page.id
    });
  }

  /** What a widget shows, if it is one of these pages. */
  openOf(page: unknown): { name: string; view: JSONObject } | null {
    const name = this.names.get(page as Page);
    return name === undefined
      ? null
      : { name, view: (page as Page).content.toJson() };
  }

  private async create(
    id: string,
    name: string,
    view: JSONObject | null
  ): Promise<Page> {
    const create = await this.kind.load().catch((error: unknown) => {
      // The code of an upgraded mlstudio has other names; without a word the click would do nothing.
      const { trans } = this.services;
      Notification.error(
        trans.__(
          'This page could not be loaded: the server is away, or mlstudio was updated. Reload the browser page.'
        ),
        { autoClose: false }
      );
      throw error;
    });
    const content = create(this.services, name, view);
    const page = new MainAreaWidget({ content });
    // Our pages bring their own tools: an empty bar would be a second line below the tab.
    page.toolbar.hide();
    page.id = id;
    page.title.label = content.title.label || name;
    page.title.caption = content.title.caption || name;
    page.title.icon = this.kind.icon;
    page.title.closable = true;
    this.names.set(page, name);
    content.stateChanged.connect(() => {
      void this.tracker.save(page);
    });
    await this.tracker.add(page);
    this.app.shell.add(page, 'main', { type: 'mlstudio' });
    this.app.shell.activateById(id);
    return page;
  }

  private readonly tracker: WidgetTracker<Page>;
  private readonly names = new WeakMap<Page, string>();
  private readonly opening = new Map<string, Promise<Page>>();
}
