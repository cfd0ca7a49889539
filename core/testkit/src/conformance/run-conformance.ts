import { TendrilError } from '@tendril/plugin-api';
import { openBench } from './bench/open-bench.ts';
import type { Bench } from './bench/open-bench.ts';
import { abortChecks } from './checks/abort.ts';
import { compatibilityChecks } from './checks/compatibility.ts';
import { consumerChecks } from './checks/consumers.ts';
import { duplicateChecks } from './checks/duplicates.ts';
import { dynamicChecks } from './checks/dynamic.ts';
import { egressChecks } from './checks/egress.ts';
import { faultChecks } from './checks/faults.ts';
import { manifestChecks } from './checks/manifest.ts';
import { pollChecks } from './checks/polls.ts';
import { recordingChecks, runnersOf } from './checks/recordings.ts';
import { senderChecks } from './checks/senders.ts';
import { tenantChecks } from './checks/tenants.ts';
import type { Check, CheckResult, ConformanceOptions, Outcome } from './contract.ts';
import { readPackage } from './plugin-package.ts';
import type { PluginPackage } from './plugin-package.ts';
import type { World } from './world.ts';

const LONG_MS = 60_000;

/**
 * The conformance kit: runs a plugin through the host and the call path of the hub, over stores in memory and with every
 * service played, and says of each check whether it passed. Nothing outside of the process is reached.
 *
 * @throws Error of the file system when there is no package in the folder
 */
export async function* runConformance(options: ConformanceOptions): AsyncGenerator<CheckResult> {
  const pack = await readPackage(options.folder, options.source);
  const isWanted = compileFilter(options.only);
  yield* run(manifestChecks(pack, options), isWanted);
  if (pack.plugin === undefined) return;
  const { bench, close } = lazyBench(pack, options);
  const world: World = { pack, plugin: pack.plugin, options, bench };
  // The hub's own timers and the streams in memory let the process end.
  const staying = setInterval(() => undefined, LONG_MS);
  try {
    yield* run(planned(world), isWanted);
  } finally {
    clearInterval(staying);
    await close();
  }
}

function planned(world: World): readonly Check[] {
  const runners = runnersOf(world);
  const suites = [
    recordingChecks,
    faultChecks,
    duplicateChecks,
    abortChecks,
    egressChecks,
    tenantChecks,
    dynamicChecks,
    pollChecks,
    consumerChecks,
    senderChecks,
    compatibilityChecks,
  ];
  return suites.flatMap((suite) => suite(world, runners));
}

async function* run(checks: readonly Check[], isWanted: (id: string) => boolean): AsyncGenerator<CheckResult> {
  for (const check of checks) if (isWanted(check.id)) yield await runOne(check);
}

async function runOne(check: Check): Promise<CheckResult> {
  const { id, title } = check;
  const startedAt = performance.now();
  const outcome = await check.run().catch(failed);
  const tookMs = performance.now() - startedAt;
  if ('skipped' in outcome) return { id, title, state: 'skipped', reason: outcome.skipped, findings: [], warnings: [], tookMs };
  const { findings, warnings = [] } = outcome;
  return { id, title, state: findings.length === 0 ? 'passed' : 'failed', findings, warnings, tookMs };
}

/** A check that cannot be made says why: that is a failure too. */
function failed(error: unknown): Outcome {
  if (!TendrilError.is(error)) throw error;
  const missing = missingRequirements(error);
  if (missing.length > 0) return { skipped: `what it requires is not here: ${missing.join('; ')}` };
  return { findings: [{ message: `the check could not be made: ${error.code} ${JSON.stringify(error.details)}` }] };
}

/** Of a plugin that does not load for want of others; empty when something else is wrong, too. */
function missingRequirements({ details }: TendrilError): readonly string[] {
  const faults = Array.isArray(details['faults'])
    ? (details['faults'] as readonly { readonly code: string; readonly message: string }[])
    : [];
  return faults.every(({ code }) => code === 'PLUGIN_REQUIREMENT_MISSING') ? faults.map(({ message }) => message) : [];
}

function compileFilter(only: string | undefined): (id: string) => boolean {
  if (only === undefined || only === '') return () => true;
  const parts = only.split('*').map((part) => part.replace(/[\^$.*+?()[\]{}|]/g, '\\$&'));
  const pattern = new RegExp(parts.join('.*'));
  return (id) => pattern.test(id);
}

function lazyBench(
  pack: PluginPackage,
  options: ConformanceOptions,
): { readonly bench: () => Promise<Bench>; readonly close: () => Promise<void> } {
  let opened: Promise<Bench> | undefined;
  return {
    bench: () => (opened ??= open(pack, options)),
    close: async () => {
      // One that did not open was told of by the checks that asked for it.
      const bench = await opened?.catch(() => undefined);
      await bench?.close();
    },
  };
}

async function open({ source, plugin }: PluginPackage, { isolation = 'process', beside = [] }: ConformanceOptions): Promise<Bench> {
  const actions = Object.values(plugin?.manifest.contributes.actions ?? {});
  const hasPeople = actions.some((action) => action.implements === 'people.get@1') || beside.some(({ folder }) => folder === 'profiles');
  // Nothing is reached here: a service on the author's own machine is answered for like any other.
  const allow = (plugin?.manifest.permissions?.hosts ?? []).filter((host) => typeof host === 'string');
  return openBench({ pluginId: plugin?.id ?? '', source, beside, isolation, hasPeople, allow });
}
