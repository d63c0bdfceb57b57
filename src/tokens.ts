/**
 * The tokens through which plugins meet, ours and other people's.
 *
 * Plugins depend on these interfaces and never on classes. Every token but `IStudioApi` is
 * optional wherever it is used: any plugin can be disabled or replaced.
 */
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { Widget } from '@lumino/widgets';
import type { Client } from 'openapi-fetch';

import type { paths } from './api/schema';

/** The typed door to the server. Every failure is thrown as a `StudioError` (api/errors). */
export interface IStudioApi {
  /** One method a verb, typed by the OpenAPI file: `client.GET('/experiments/{name}', …)`. */
  readonly client: Client<paths>;
  /** Version of this front end. */
  readonly version: string;
  /** Throw the reason when the server part is missing or speaks another API. */
  checkVersion(signal?: AbortSignal): Promise<void>;
  /** The address of an API path, for links and downloads. */
  url(path: string, query?: Record<string, string>): string;
  /** GET binary content. */
  bytes(
    path: string,
    query?: Record<string, string>,
    signal?: AbortSignal
  ): Promise<ArrayBuffer>;
  /** POST JSON and read binary content (curves). */
  postBytes(
    path: string,
    body: unknown,
    signal?: AbortSignal
  ): Promise<ArrayBuffer>;
  /** The raw answer, for its headers (logs); throws unless it is a success. */
  request(
    path: string,
    init?: RequestInit,
    query?: Record<string, string>
  ): Promise<Response>;
}

export const IStudioApi = new Token<IStudioApi>(
  'mlstudio:IStudioApi',
  'The typed client of the mlstudio server.'
);

/** Where the one socket stands. */
export type LiveState = 'idle' | 'connecting' | 'open' | 'lost';

/** One thing that happened. */
export interface ILiveEvent {
  readonly seq: number;
  readonly topic: string;
  /** A type of the topic's room, or `invalidate`: what you have may be old, read it again. */
  readonly type: string;
  readonly data: unknown;
}

/** The one socket. It is opened at the first subscription, not at start. */
export interface ILiveEvents {
  /** Listen to a topic until the returned object is disposed. */
  subscribe(topic: string, on: (event: ILiveEvent) => void): IDisposable;
  readonly state: LiveState;
  readonly stateChanged: ISignal<ILiveEvents, void>;
  /** Why the socket is refused, once the server was asked; null while all is well. */
  readonly problem: unknown;
  /** Events of unknown form that were ignored, for `mlstudio doctor`. */
  readonly ignored: number;
}

export const ILiveEvents = new Token<ILiveEvents>(
  'mlstudio:ILiveEvents',
  'Live events of experiments, components, jobs and logs.'
);

/** A section of the Studio sidebar. */
export interface IPanelSection {
  readonly id: string;
  /** Translated title. */
  readonly title: string;
  readonly icon: LabIcon;
  /** Lower stands higher. */
  readonly rank: number;
  /** Make the section's widget; called once, when the sidebar is first shown. */
  render(): Promise<Widget>;
}

/** Sections of the sidebar; other extensions may add theirs. */
export interface IPanelRegistry {
  register(section: IPanelSection): IDisposable;
  readonly sections: readonly IPanelSection[];
  readonly changed: ISignal<IPanelRegistry, void>;
  /** Show the sidebar, and the section of this id when given. */
  reveal(id?: string): void;
  /** The last section asked for by `reveal`. */
  readonly revealed: ISignal<IPanelRegistry, string>;
}

export const IPanelRegistry = new Token<IPanelRegistry>(
  'mlstudio:IPanelRegistry',
  'Sections of the Studio sidebar.'
);
