import type { Check, Finding, Outcome } from '../contract.ts';
import type { CaseRunner } from '../bench/case-runner.ts';
import { Replay } from '../service/replay.ts';
import type { World } from '../world.ts';
import { successful } from './faults.ts';

const BOUND_MS = 1_000;

/** Stopped in the middle of a request, a handler ends soon and asks nothing more. */
export function abortChecks(world: World, runners: readonly CaseRunner[]): readonly Check[] {
  return successful(runners).map((runner) => ({
    id: `abort/${runner.recorded.recording.action}/${runner.recorded.name}`,
    title: `${runner.recorded.recording.action} ends when it is stopped, and asks nothing more`,
    run: () => tryAbort(world, runner),
  }));
}

async function tryAbort(world: World, runner: CaseRunner): Promise<Outcome> {
  const { recording, file } = runner.recorded;
  const bench = await world.bench();
  const stop = new AbortController();
  const replay = new Replay(recording.exchanges, { exchange: 0, reply: { kind: 'silence' } });
  const start = await runner.prepare({ respond: replay.respond, signal: stop.signal });
  const asked = bench.service.next();
  const ending = start();
  // It may end without having asked.
  await Promise.race([asked, ending]);
  const before = bench.service.received.length;
  stop.abort();
  const ended = await ending;
  const haveEnded = (await bench.handlers?.haveEnded(BOUND_MS)) ?? true;
  const findings: Finding[] = [];
  if (!('error' in ended))
    findings.push({ file, message: 'gives an output although it was stopped', mend: 'let the error of call.fetch pass' });
  if (!haveEnded)
    findings.push({
      file,
      message: `its handler still works ${String(BOUND_MS / 1_000)} second after it was stopped`,
      mend: 'let the error of call.fetch pass, hand call.signal to what waits, and begin nothing when it is aborted',
    });
  if (bench.service.received.length > before)
    findings.push({ file, message: 'asks the service again after it was stopped', mend: 'begin nothing when call.signal is aborted' });
  return { findings };
}
