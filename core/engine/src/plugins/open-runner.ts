import type { CheckedPlugin, Isolation, PluginIncident, PluginRunner, PluginSource, RunsIn } from './contract.ts';
import { nothingToReach } from './egress-of-setup.ts';
import { loadInProcess } from './in-process-runner.ts';
import { createRunner, declaredHandlers } from './runner.ts';

/** The way to a plugin's handlers. */
export interface OpenedRunner {
  readonly runner: PluginRunner;
  readonly runsIn: RunsIn;
}

/** With what plugins are run that are not trusted. */
export interface RunnerOptions {
  readonly isolation?: Isolation | undefined;
  readonly report: (incident: PluginIncident) => void;
}

/** With what one of them is opened. */
export interface OpenOptions extends RunnerOptions {
  /** Whether its code may be loaded in this process, where that is its place. */
  readonly mayLoad?: () => boolean;
}

/**
 * Opens the way to a plugin's handlers. Where the manifest leaves nothing to register, no code is loaded and no process is
 * started: such a plugin needs no entry module.
 *
 * @throws TendrilError PLUGIN_IMPLEMENTATION_MISMATCH, PLUGIN_FAULTY; whatever its entry module throws
 */
export async function openRunner(
  plugin: CheckedPlugin,
  { isolation, report, mayLoad }: OpenOptions,
): Promise<OpenedRunner | 'restart needed'> {
  if (declaredHandlers(plugin.manifest).length === 0)
    return { runner: createRunner(() => undefined, NOTHING_TO_STOP), runsIn: 'declarative' };
  if (isolation === undefined || isTrusted(plugin.source, isolation)) {
    if (mayLoad?.() === false) return 'restart needed';
    return { runner: await loadInProcess(plugin, nothingToReach(plugin.id)), runsIn: 'process' };
  }
  return { runner: isolation.createRunner(plugin, report), runsIn: 'child' };
}

/** A hub without isolation, as in tests, was handed only what it may trust: nothing could keep the rest out of the process. */
export function isTrusted(source: PluginSource, isolation: Isolation | undefined): boolean {
  return isolation === undefined || source.isTrusted === true;
}

const NOTHING_TO_STOP = async (): Promise<void> => undefined;
