import type { PinnedPlugin } from '@tendril/schemas';
import { gt } from 'semver';
import { HubCommand } from '../../base-command.ts';
import { HubUnreachable } from '../../hub-client.ts';
import type { HubPlugin } from '../../operator/hub-plugin.ts';
import { findPluginHome } from '../../operator/plugin-home.ts';
import type { PluginHome } from '../../operator/plugin-home.ts';

interface Row {
  readonly id: string;
  readonly version: string;
  readonly state: string;
  readonly source?: string | undefined;
  readonly runsIn?: string | undefined;
  readonly newer?: string | undefined;
  readonly title?: string | undefined;
}

export default class PluginsList extends HubCommand {
  static override description =
    'List the installed plugins: version, whether the tenant uses them, where they came from and run, and newer versions of what registries offer.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PluginsList);
    const place = findPluginHome(process.env);
    const { readLock } = await import('@tendril/registry/installed');
    const { plugins: pinned } = await readLock(place.lockFile);
    const items = await this.ask(flags);
    const newer = await this.newer(place, pinned);
    const rows = items === undefined ? Object.entries(pinned).map(([id, plugin]) => installedRow(id, plugin)) : items.map(hubRow);
    this.table(
      rows.map((row) => ({
        id: row.id,
        version: row.version,
        state: row.state,
        source: row.source,
        'runs in': row.runsIn,
        newer: newer.get(row.id),
        title: row.title,
      })),
      'No plugin is installed.',
    );
    if (items === undefined) this.note('No hub was asked: these are the plugins of tendril.lock. `tendril start` starts one.');
    return {
      items:
        items === undefined
          ? rows.map((row) => ({ ...row, newer: newer.get(row.id) }))
          : items.map((item) => ({ ...item, newer: newer.get(item.id) })),
    };
  }

  /** @returns `undefined` where no hub is named and none runs */
  private async ask(flags: {
    readonly url?: string | undefined;
    readonly key?: string | undefined;
  }): Promise<readonly HubPlugin[] | undefined> {
    try {
      return await this.hub(flags).list<HubPlugin>('/v1/plugins', 1000);
    } catch (error) {
      if (!(error instanceof HubUnreachable) || flags.url !== undefined || process.env['TENDRIL_URL'] !== undefined) throw error;
      return undefined;
    }
  }

  private async newer(place: PluginHome, pinned: Readonly<Record<string, PinnedPlugin>>): Promise<ReadonlyMap<string, string>> {
    if (!Object.values(pinned).some(({ source }) => source.kind === 'registry')) return new Map();
    const [{ reachableRegistries }, { newestIn }] = await Promise.all([
      import('../../operator/reachable-registries.ts'),
      import('../../operator/registry-packages.ts'),
    ]);
    const registries = await reachableRegistries(place, (text) => this.note(text));
    return new Map(
      Object.entries(pinned).flatMap(([id, { source, version }]) => {
        const newest = newestIn(registries, id, source);
        return newest !== undefined && gt(newest, version) ? [[id, newest] as const] : [];
      }),
    );
  }
}

function hubRow(plugin: HubPlugin): Row {
  const { id, version, runsIn, title, source, isFirstParty } = plugin;
  return { id, version, state: stateOf(plugin), source: isFirstParty ? 'Tendril' : shortSource(source), runsIn, title };
}

function stateOf({ state, isEnabled, consent, health }: HubPlugin): string {
  if (state === 'faulty') return 'faulty';
  if (health.state !== 'ok') return health.state;
  if (!isEnabled) return 'disabled';
  return consent.isNeeded ? 'needs consent' : 'enabled';
}

function installedRow(id: string, { version, source }: PinnedPlugin): Row {
  return { id, version, state: 'installed', source: shortSource(source) };
}

/** What `tendril.lock` says, as the hub passes it on. */
function shortSource(source: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const of = (name: string): string => {
    const value = source?.[name];
    return typeof value === 'string' ? value : '';
  };
  switch (source?.['kind']) {
    case 'registry':
      return of('registry');
    case 'npm':
      return `npm:${of('package')}`;
    case 'tarball':
      return 'file';
    case 'folder':
      return `linked ${of('path')}`;
    default:
      return undefined;
  }
}
