import type { Check, Finding, Outcome } from '../contract.ts';
import type { CaseRunner } from '../bench/case-runner.ts';
import type { Ended } from '../bench/open-bench.ts';
import { differencesOf } from '../json-difference.ts';
import { Replay } from '../service/replay.ts';
import { nameOfRequest, requestDifferences } from '../service/requests.ts';
import type { World } from '../world.ts';
import { describeError } from './describe-error.ts';
import { faultKinds } from './fault-table.ts';
import type { FaultKind } from './fault-table.ts';
import { lacksConnection } from './recordings.ts';

const TIMEOUT_MS = { process: 300, child: 2_000 } as const;
// Each exchange of a call is played wrong in every way; the last ones of a long call are like those before.
const MOST_EXCHANGES = 5;

/** Every answer of every recorded call, played wrong in every way that services know. */
export function faultChecks(world: World, runners: readonly CaseRunner[]): readonly Check[] {
  const timeoutMs = TIMEOUT_MS[world.options.isolation ?? 'process'];
  return successful(runners).flatMap((runner) =>
    faultKinds(runner.action, timeoutMs).map((kind) => ({
      id: `faults/${runner.recorded.recording.action}/${runner.recorded.name}/${kind.id}`,
      title: `${runner.recorded.recording.action} bears it when the service ${kind.what}`,
      run: () => tryFault(world, runner, kind),
    })),
  );
}

/** Of those that end well and ask a service. */
export function successful(runners: readonly CaseRunner[]): readonly CaseRunner[] {
  return runners.filter(
    (runner) =>
      runner.recorded.recording.error === undefined &&
      runner.recorded.recording.exchanges.length > 0 &&
      lacksConnection(runner) === undefined,
  );
}

async function tryFault(world: World, runner: CaseRunner, kind: FaultKind): Promise<Outcome> {
  const { exchanges } = runner.recorded.recording;
  const bench = await world.bench();
  const findings: Finding[] = [];
  let tried = 0;
  for (const [index, exchange] of exchanges.slice(0, MOST_EXCHANGES).entries()) {
    const reply = kind.reply(exchange, runner.action, runner.atMs);
    if (reply === undefined) continue;
    tried += 1;
    const replay = new Replay(exchanges, { exchange: index, reply });
    const ended = await runner.run({ respond: replay.respond, ...(kind.timeoutMs !== undefined && { timeoutMs: kind.timeoutMs }) });
    const place = { file: runner.recorded.file, pointer: `/exchanges/${String(index)}/response` };
    const complaint = complaintOf(kind, ended, runner);
    if (complaint !== undefined) findings.push({ ...place, message: complaint, mend: kind.mend });
    const repeats = bench.service.received.filter((request) => requestDifferences(exchange.request, request).length === 0).length;
    const same = exchanges.filter(({ request }) => JSON.stringify(request) === JSON.stringify(exchange.request)).length;
    if (repeats > same && kind.mayRunAgain !== true)
      findings.push({
        ...place,
        message: `${nameOfRequest(exchange.request)} was made ${String(repeats)} times by one attempt`,
        mend: 'switch off retries of the handler and its libraries: the hub retries, with the journal and limits in view',
      });
  }
  return tried === 0 ? { skipped: 'no answer of the recording is of that kind' } : { findings };
}

function complaintOf({ what, complain, mayNotMatter }: FaultKind, ended: Ended, { recorded }: CaseRunner): string | undefined {
  if ('error' in ended) {
    const complaint = complain(ended.error);
    return complaint === undefined
      ? undefined
      : `when the service ${what}, the call fails with ${describeError(ended.error)}: ${complaint}`;
  }
  if (mayNotMatter === true && differencesOf(recorded.recording.output, ended.output).length === 0) return undefined;
  return `when the service ${what}, the call gives an output as if nothing were wrong`;
}
