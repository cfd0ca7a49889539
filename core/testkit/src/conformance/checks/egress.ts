import type { Check, Finding, Outcome } from '../contract.ts';
import type { CaseRunner } from '../bench/case-runner.ts';
import { Replay } from '../service/replay.ts';
import type { World } from '../world.ts';
import { lacksConnection } from './recordings.ts';

/** The recorded calls reach only what the manifest declares, also where a handler hides that it was refused. */
export function egressChecks(world: World, runners: readonly CaseRunner[]): readonly Check[] {
  return [{ id: 'egress', title: 'Nothing is reached that permissions.hosts does not declare', run: () => tryEgress(world, runners) }];
}

async function tryEgress(world: World, runners: readonly CaseRunner[]): Promise<Outcome> {
  const callable = runners.filter((runner) => lacksConnection(runner) === undefined);
  if (callable.length === 0) return { skipped: 'no recording shows what it reaches' };
  const bench = await world.bench();
  const findings: Finding[] = [];
  for (const runner of callable) {
    const known = bench.refusals.length;
    await runner.run({ respond: new Replay(runner.recorded.recording.exchanges).respond });
    const hosts = new Set(bench.refusals.slice(known).map(({ host }) => host));
    for (const host of hosts)
      findings.push({
        file: runner.recorded.file,
        message: `${runner.recorded.recording.action} tries to reach ${host}, which the manifest does not permit`,
        mend: 'add it to permissions.hosts, or do not reach it',
      });
  }
  return { findings };
}
