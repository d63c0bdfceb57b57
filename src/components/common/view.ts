/** The seam between a plugin, which knows Lab, and a view, which knows React. */
import type { IThemeManager } from '@jupyterlab/apputils';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
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
  /** Lab's renderers, for Markdown; without them Markdown is shown as it was written. */
  readonly rendermime?: IRenderMimeRegistry | null;
  /** Lab's languages, for the colours of code. */
  readonly languages?: IEditorLanguageRegistry | null;
}

/** A view that can be restored: `toJson()` is at most 8 KB and is what a link carries. */
export interface IStudioView extends Widget {
  toJson(): JSONObject;
  readonly stateChanged: ISignal<IStudioView, void>;
  /** Show another part of a view that is open already. */
  applyView?(view: JSONObject): void;
}
