import type { Call } from '@tendril/plugin-api';
import { createRunner } from '../../src/plugins/index.ts';
import type { CheckedPlugin, HandlerKind, Isolation, PluginIncident, PluginRunner } from '../../src/plugins/index.ts';

/** What a test has a handler of a plugin do, by version. */
export type Behaviour = (what: {
  readonly kind: HandlerKind;
  readonly id: string;
  readonly version: string;
  readonly call: Call;
}) => Promise<unknown>;

/** Isolation whose handlers are the test's; remembers which runners were stopped. */
export class FakeIsolation implements Isolation {
  readonly made: CheckedPlugin[] = [];
  readonly stopped: string[] = [];
  isClosed = false;
  behaviour: Behaviour;
  report: (incident: PluginIncident) => void = () => undefined;

  constructor(behaviour: Behaviour = async ({ version }) => version) {
    this.behaviour = behaviour;
  }

  createRunner(plugin: CheckedPlugin, report: (incident: PluginIncident) => void): PluginRunner {
    this.made.push(plugin);
    this.report = report;
    const { id: pluginId, version } = plugin;
    return createRunner(
      (kind, id) =>
        async (...given: readonly unknown[]) =>
          this.behaviour({ kind, id, version, call: (kind === 'schedule' ? given[0] : given[1]) as Call }),
      async () => {
        this.stopped.push(`${pluginId}@${version}`);
      },
    );
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}
