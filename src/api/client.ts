/**
 * The one way to the server: typed by the OpenAPI file, carried by Lab's ServerConnection.
 *
 * `makeRequest` adds token and XSRF and refuses foreign URLs; what fails is thrown as a
 * `StudioError`, so that no caller has to read an error body again.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { Client, ClientOptions } from 'openapi-fetch';

import type { IStudioApi } from '../tokens';
import { API_VERSION, VERSION } from '../version';
import { StudioError, asStudioError, errorOf } from './errors';
import type { paths } from './schema';

const ROOT = 'mlstudio/api/v1';

/** The data of an answer; the client throws before there could be none. */
export function unwrap<T>(answer: { data?: T }): T {
  return answer.data as T;
}

const VERBS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'] as const;

/** A client whose code is fetched with its first call: at Lab's start nobody asks anything. */
function lateClient(options: ClientOptions): Client<paths> {
  let made: Promise<Client<paths>> | null = null;
  const late = (verb: (typeof VERBS)[number]) => {
    return async (...given: unknown[]): Promise<unknown> => {
      made ??= import(
        /* webpackChunkName: "mlstudio-client" */ 'openapi-fetch'
      ).then(library => library.default<paths>(options));
      made.catch(() => (made = null)); // a page that was updated under our feet may be asked again
      const call = (await made)[verb] as (...all: unknown[]) => unknown;
      return call(...given);
    };
  };
  return Object.fromEntries(
    VERBS.map(verb => [verb, late(verb)])
  ) as unknown as Client<paths>;
}

/** `IStudioApi` over a Jupyter server. */
export class StudioApi implements IStudioApi {
  constructor(
    readonly settings: ServerConnection.ISettings = ServerConnection.makeSettings()
  ) {
    this.client = lateClient({
      baseUrl: URLExt.join(settings.baseUrl, ROOT),
      fetch: request => this.#typed(request)
    });
  }

  readonly client: Client<paths>;
  readonly version = VERSION;

  url(path: string, query: Record<string, string> = {}): string {
    return (
      URLExt.join(this.settings.baseUrl, ROOT, path) +
      (Object.keys(query).length > 0 ? URLExt.objectToQueryString(query) : '')
    );
  }

  async bytes(
    path: string,
    query: Record<string, string> = {},
    signal?: AbortSignal
  ): Promise<ArrayBuffer> {
    return (await this.request(path, { signal }, query)).arrayBuffer();
  }

  async postBytes(
    path: string,
    body: unknown,
    signal?: AbortSignal
  ): Promise<ArrayBuffer> {
    // makeRequest names the content type only where there is no body.
    const headers = { 'Content-Type': 'application/json' };
    const init = {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal
    };
    return (await this.request(path, init)).arrayBuffer();
  }

  async request(
    path: string,
    init: RequestInit = {},
    query: Record<string, string> = {}
  ): Promise<Response> {
    return this.#send(this.url(path, query), init);
  }

  /** Name the reason when the server part is missing or speaks another API; otherwise return. */
  async checkVersion(signal?: AbortSignal): Promise<void> {
    let reply;
    try {
      reply = unwrap(await this.client.GET('/version', { signal }));
    } catch (error) {
      const cause = asStudioError(error);
      throw cause.status === 404
        ? new StudioError('not_installed', cause.message, 404)
        : cause;
    }
    if (reply.api !== API_VERSION) {
      throw new StudioError(
        'version_mismatch',
        `This page is mlstudio ${VERSION}, the server is mlstudio ${reply.version}.`,
        0,
        null,
        `pip install mlstudio==${reply.version}`
      );
    }
  }

  /** What openapi-fetch calls. A stream as body would need `duplex`: hand over the bytes. */
  async #typed(request: Request): Promise<Response> {
    const body =
      request.method === 'GET' || request.method === 'HEAD'
        ? undefined
        : await request.arrayBuffer();
    const response = await this.#send(request.url, {
      method: request.method,
      headers: request.headers,
      body: body && body.byteLength > 0 ? body : undefined,
      signal: request.signal
    });
    if (response.headers.get('Content-Type')?.startsWith('text/html')) {
      throw errorOf(response.status, await response.text());
    }
    return response;
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, this.settings);
    } catch (error) {
      throw init.signal?.aborted
        ? new StudioError('aborted', 'aborted')
        : asStudioError(error);
    }
    if (!response.ok) {
      throw errorOf(response.status, await response.text());
    }
    return response;
  }
}
