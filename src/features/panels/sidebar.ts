/** The Studio sidebar: sections that others register, made when the sidebar is first shown. */
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { PanelWithToolbar, SidePanel } from '@jupyterlab/ui-components';
import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import type { AccordionPanel } from '@lumino/widgets';

import { studioIcon } from '../../icons';
import type { IPanelRegistry, IPanelSection } from '../../tokens';

/** `IPanelRegistry`: what stands in the sidebar. */
export class PanelRegistry implements IPanelRegistry {
  constructor(private readonly show: () => void) {}

  get sections(): readonly IPanelSection[] {
    return this.#sections;
  }

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  get revealed(): ISignal<this, string> {
    return this.#revealed;
  }

  register(section: IPanelSection): IDisposable {
    if (this.#sections.some(one => one.id === section.id)) {
      throw new Error(`The panel section ${section.id} is registered twice.`);
    }
    this.#sections = [...this.#sections, section].sort(
      (a, b) => a.rank - b.rank
    );
    this.#changed.emit();
    return new DisposableDelegate(() => {
      this.#sections = this.#sections.filter(one => one !== section);
      this.#changed.emit();
    });
  }

  reveal(id?: string): void {
    this.show();
    if (id !== undefined) {
      this.#revealed.emit(id);
    }
  }

  #sections: readonly IPanelSection[] = [];
  readonly #changed = new Signal<this, void>(this);
  readonly #revealed = new Signal<this, string>(this);
}

/** The widget in the left area. */
export class StudioSidebar extends SidePanel {
  constructor(registry: PanelRegistry, translator: ITranslator) {
    super({ translator });
    const trans = translator.load('mlstudio');
    this.id = 'mlstudio-sidebar';
    this.addClass('jp-Mlstudio-sidebar');
    this.title.icon = studioIcon;
    this.title.caption = trans.__('Studio: experiments and jobs');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Studio'));
    this.#registry = registry;
    this.#trans = trans;
    registry.changed.connect(this.#sync, this);
    registry.revealed.connect(this.#open, this);
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  protected override onBeforeShow(message: Message): void {
    super.onBeforeShow(message);
    this.#shown = true;
    this.#sync();
  }

  #sync(): void {
    if (!this.#shown) {
      return;
    }
    const wanted = this.#registry.sections;
    for (const [id, panel] of this.#panels) {
      if (!wanted.some(section => section.id === id)) {
        panel.dispose();
        this.#panels.delete(id);
      }
    }
    wanted.forEach((section, at) => {
      if (!this.#panels.has(section.id)) {
        const panel = new PanelWithToolbar();
        panel.title.label = section.title;
        panel.title.caption = section.title;
        panel.addClass('jp-Mlstudio-section');
        this.#panels.set(section.id, panel);
        this.insertWidget(at, panel);
        void this.#fill(section, panel);
      }
    });
  }

  async #fill(section: IPanelSection, panel: PanelWithToolbar): Promise<void> {
    const widget = await section.render().catch((error: unknown) => {
      // The code of an upgraded mlstudio has other names: an empty section would say nothing.
      console.error('mlstudio: a section could not be loaded', error);
      return this.#excuse();
    });
    if (panel.isDisposed) {
      widget.dispose();
    } else {
      panel.addWidget(widget);
    }
  }

  /** What stands in the place of a section that could not be loaded. */
  #excuse(): Widget {
    const widget = new Widget();
    widget.addClass('jp-Mlstudio-note');
    widget.node.setAttribute('role', 'alert');
    widget.node.textContent = this.#trans.__(
      'This section could not be loaded: the server is away, or mlstudio was updated. Reload the browser page.'
    );
    return widget;
  }

  #open(_: IPanelRegistry, id: string): void {
    const at = this.#registry.sections.findIndex(section => section.id === id);
    const panel = this.#panels.get(id);
    if (panel) {
      (this.content as AccordionPanel).expand(at);
      panel.widgets[0]?.activate();
    }
  }

  readonly #registry: PanelRegistry;
  readonly #trans: TranslationBundle;
  readonly #panels = new Map<string, PanelWithToolbar>();
  #shown = false;
}
