import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TendrilError } from '@tendril/plugin-api';
import { CommandFault } from '../../failure.ts';
import type { HubClient } from '../../hub-client.ts';
import { findHubPlugin, pluginPath } from '../../operator/hub-plugin.ts';
import type { HubPlugin } from '../../operator/hub-plugin.ts';
import type { Reloaded } from '../../operator/local-hub.ts';
import type { PluginHome } from '../../operator/plugin-home.ts';
import { readAuthorFolder } from '../author-folder.ts';
import type { AuthorFolder } from '../author-folder.ts';
import { checkTypes, isTyped } from '../check-types.ts';
import type { AuthorFault } from '../faults.ts';
import { CannotPack, packFiles } from '../pack.ts';
import { LinkedBuild } from './linked-build.ts';

/** What came of building the folder and handing it to the hub. */
export type Refreshed =
  | {
      readonly state: 'running';
      readonly plugin: HubPlugin;
      readonly tookMs: number;
      readonly sizeBytes: number;
      readonly warnings: readonly AuthorFault[];
    }
  /** It cannot be built: the hub goes on with the build before. */
  | { readonly state: 'faulty'; readonly faults: readonly AuthorFault[]; readonly lines: readonly string[] }
  /** It was built, and the hub did not take it. */
  | { readonly state: 'refused'; readonly reasons: readonly string[] };

/** A plugin that runs in a hub while it is written. */
export class Development {
  readonly #dir: string;
  readonly #hub: HubClient;
  readonly #build: LinkedBuild;
  readonly id: string;

  constructor({ path, id }: AuthorFolder, place: PluginHome, hub: HubClient) {
    this.#dir = path;
    this.id = id;
    this.#hub = hub;
    this.#build = new LinkedBuild(place, id);
  }

  /** The folder as it is now. */
  folder(): AuthorFolder {
    return readAuthorFolder(this.#dir);
  }

  /**
   * Builds the folder as it is now and has the hub run that; generates types that are behind.
   *
   * @throws HubUnreachable when the hub has gone
   */
  async refresh(): Promise<Refreshed> {
    const startedMs = performance.now();
    try {
      const folder = this.folder();
      if (folder.id !== this.id && folder.id !== '')
        return { state: 'refused', reasons: [`The id is now ${folder.id}: end this, and start \`tendril plugins dev\` again.`] };
      await this.#writeTypes(folder);
      const { files, warnings } = await packFiles(folder);
      await this.#build.put(files);
      const { faults } = await this.#hub.request<Reloaded>('POST', '/v1/plugins/reload');
      const own = faults.filter(({ plugin }) => plugin === this.id);
      if (own.length > 0) return { state: 'refused', reasons: own.map(({ pointer = '', message }) => `${pointer} ${message}`.trim()) };
      await this.#build.dropOld();
      const plugin = await findHubPlugin(this.#hub, this.id);
      if (plugin === undefined) return { state: 'refused', reasons: ['The hub does not show it: does it run on this data folder?'] };
      const sizeBytes = [...files.values()].reduce((sum, content) => sum + content.length, 0);
      return { state: 'running', plugin, warnings, sizeBytes, tookMs: performance.now() - startedMs };
    } catch (error) {
      if (error instanceof CannotPack) return { state: 'faulty', faults: error.faults, lines: error.lines };
      // A file may be half written, or gone for a moment.
      if (error instanceof CommandFault) return { state: 'refused', reasons: [error.message] };
      if (TendrilError.is(error)) return { state: 'refused', reasons: [`${error.message} ${JSON.stringify(error.details)}`] };
      throw error;
    }
  }

  /** Lets the tenant use it, with what it asks for now. */
  async enable({ id, permissionsHash, consent }: HubPlugin, settings?: object): Promise<void> {
    await this.#hub.request('POST', pluginPath(id, '/enable'), {
      ...(consent.isNeeded ? { consent: permissionsHash } : {}),
      ...(settings === undefined ? {} : { settings }),
    });
  }

  /** Consents to what the version that runs asks for. */
  async consent(): Promise<void> {
    const plugin = await findHubPlugin(this.#hub, this.id);
    if (plugin !== undefined) await this.enable(plugin);
  }

  /** Takes it out of the hub again; what was installed under its id before is back. */
  async end(): Promise<void> {
    await this.#build.remove();
    await this.#hub.request('POST', '/v1/plugins/reload');
  }

  async #writeTypes(folder: AuthorFolder): Promise<void> {
    if (!isTyped(folder)) return;
    // What keeps them from being generated is among the faults of the folder.
    const types = await checkTypes(folder).catch(() => undefined);
    if (types === undefined || types.state === 'current') return;
    const path = join(folder.path, types.file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, types.text);
  }
}
