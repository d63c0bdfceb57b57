/** The seam between a plugin, which knows Lab, and a view, which knows React. */
import type { IThemeManager } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { JSONObject } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import type { ILiveEvents, IStudioApi } from '../../tokens';

/** What a plugin hands to the views that it opens. */
export interface IStudioServices {
  readonly api: IStudioApi;
  readonly live: ILiveEvents | null;
  readonly trans: TranslationBundle;
  readonly commands: CommandRegistry;
  readonly themes: IThemeManager | null;
}

/** A view that can be restored: `toJson()` is at most 8 KB and is what a link carries. */
export interface IStudioView extends Widget {
  toJson(): JSONObject;
  readonly stateChanged: ISignal<IStudioView, void>;
  /** Show another part of a view that is open already. */
  applyView?(view: JSONObject): void;
}
