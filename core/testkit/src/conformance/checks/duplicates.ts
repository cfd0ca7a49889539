import { differencesOf, describeDifference } from '../json-difference.ts';
import type { Check, Finding, Outcome } from '../contract.ts';
import type { CaseRunner } from '../bench/case-runner.ts';
import { Replay } from '../service/replay.ts';
import { comparableRequest, nameOfRequest, requestDifferences } from '../service/requests.ts';
import type { ReceivedRequest } from '../service/stand-in.ts';
import type { World } from '../world.ts';
import { describeError } from './describe-error.ts';
import { successful } from './faults.ts';

const KEY = 'recording';
const LATER_MS = 90_000;

/** The answer is lost after the effect took place, and the same work is done again: what the manifest declares has to hold. */
export function duplicateChecks(world: World, runners: readonly CaseRunner[]): readonly Check[] {
  return successful(runners).flatMap((runner) => {
    const { idempotency } = runner.action;
    const id = `duplicates/${runner.recorded.recording.action}/${runner.recorded.name}`;
    const { action } = runner.recorded.recording;
    switch (idempotency) {
      case 'key':
        return [
          {
            id,
            title: `${action} sends the service the same key in each attempt, and another for other work`,
            run: () => tryKey(world, runner),
          },
        ];
      case 'natural':
        return [{ id, title: `${action} makes the same requests in each attempt`, run: () => tryNatural(world, runner) }];
      case 'check':
        return [{ id, title: `The check of ${action} finds an effect whose answer was lost`, run: () => tryCheck(world, runner) }];
      default:
        return [];
    }
  });
}

/** The effect happens, its answer is lost; then the same work again. @returns what the service received with the effect, each time */
async function twice(world: World, runner: CaseRunner, laterMs: number): Promise<readonly (ReceivedRequest | undefined)[]> {
  const first = await effectOf(world, runner, { isLost: true, key: KEY, attempt: 1, laterMs: 0 });
  const second = await effectOf(world, runner, { isLost: false, key: KEY, attempt: 2, laterMs });
  return [first, second];
}

async function effectOf(
  world: World,
  runner: CaseRunner,
  { isLost, key, attempt, laterMs }: { readonly isLost: boolean; readonly key: string; readonly attempt: number; readonly laterMs: number },
): Promise<ReceivedRequest | undefined> {
  const bench = await world.bench();
  const replay = lenient(runner, isLost);
  await runner.run({ respond: replay, idempotencyKey: key, attempt, laterMs });
  const recorded = runner.recorded.recording.exchanges[runner.effectExchange]?.request;
  if (recorded === undefined) return undefined;
  const { method, url } = recorded;
  return bench.service.received.findLast((request) => request.method === method && sameAddress(request.url, url));
}

function sameAddress(one: string, other: string): boolean {
  return one.split('?')[0] === other.split('?')[0];
}

/** Answers by address: a key in the body or in a header is another one in each of these calls. */
function lenient(runner: CaseRunner, isLost: boolean): Replay['respond'] {
  const { exchanges } = runner.recorded.recording;
  let next = 0;
  return (request) => {
    const index = exchanges.findIndex(
      ({ request: { method, url } }, at) => at >= next && method === request.method && sameAddress(url, request.url),
    );
    const exchange = exchanges[index];
    if (exchange === undefined) return { kind: 'answer', status: 501, body: 'this is not in the recording' };
    next = index + 1;
    if (isLost && index === runner.effectExchange) return { kind: 'cut' };
    const { status, headers, body } = exchange.response;
    return { kind: 'answer', status, ...(headers !== undefined && { headers }), ...(body !== undefined && { body }) };
  };
}

async function tryKey(world: World, runner: CaseRunner): Promise<Outcome> {
  const [first, second] = await twice(world, runner, LATER_MS);
  const other = await effectOf(world, runner, { isLost: false, key: `${KEY}-other`, attempt: 1, laterMs: LATER_MS });
  if (first === undefined || second === undefined || other === undefined) return notMade(runner);
  const [one, again, else_] = [first, second, other].map(textsOf);
  const isKey = ([place, text]: readonly [string, string]): boolean => again?.get(place) === text && else_?.get(place) !== text;
  if ([...(one ?? [])].some(isKey)) return { findings: [] };
  return {
    findings: [
      {
        file: 'plugin.json',
        pointer: `/contributes/actions/${runner.recorded.recording.action}/idempotency`,
        message: `says \`key\`, but nothing in ${nameOfRequest(first)} is the same in each attempt of one call and another one in other calls`,
        mend: 'send call.idempotencyKey where the service takes it, or declare what is true',
      },
    ],
  };
}

async function tryNatural(world: World, runner: CaseRunner): Promise<Outcome> {
  const [first, second] = await twice(world, runner, 0);
  const other = await effectOf(world, runner, { isLost: false, key: `${KEY}-other`, attempt: 1, laterMs: 0 });
  if (first === undefined || second === undefined || other === undefined) return notMade(runner);
  const { ignore = [] } = runner.recorded.recording.exchanges[runner.effectExchange]?.request ?? {};
  const finding = (again: ReceivedRequest, when: string): readonly Finding[] =>
    differencesOf(comparableRequest(first), comparableRequest(again), ignore).map((difference) => ({
      file: 'plugin.json',
      pointer: `/contributes/actions/${runner.recorded.recording.action}/idempotency`,
      message: `says \`natural\`, but ${nameOfRequest(first)} is another request ${when}: ${describeDifference(difference)}`,
      mend: 'make the same request for the same input, or declare what is true',
    }));
  return { findings: [...finding(second, 'in the second attempt'), ...finding(other, 'when the same input comes again')] };
}

async function tryCheck(world: World, runner: CaseRunner): Promise<Outcome> {
  const { recording, file } = runner.recorded;
  const place = { file, pointer: '/check' };
  if (recording.check === undefined)
    return {
      findings: [
        { ...place, message: 'is missing', mend: 'record what the check handler asks after the effect took place, and what it answers' },
      ],
    };
  await effectOf(world, runner, { isLost: true, key: KEY, attempt: 1, laterMs: 0 });
  const replay = new Replay(recording.check.exchanges);
  const answer = await runner.check({ respond: replay.respond, idempotencyKey: recording.idempotencyKey ?? KEY });
  const findings: Finding[] = replay.problems().map(({ exchange, message }) => ({
    file,
    pointer: exchange === undefined ? '/check' : `/check/exchanges/${String(exchange)}/request`,
    message,
    mend: 'mend the check handler, or the recording when the change is meant',
  }));
  if ('error' in answer)
    findings.push({ ...place, message: `the check fails with ${describeError(answer.error)}`, mend: 'mend the check handler' });
  else if (answer.effect !== recording.check.effect)
    findings.push({
      ...place,
      message: `the check answers \`${answer.effect}\` and has to answer \`${recording.check.effect}\``,
      mend: 'mend the check handler: `absent` for an effect that took place makes it happen twice',
    });
  else if (answer.effect === 'happened')
    findings.push(
      ...differencesOf(recording.output, answer.output).map((difference) => ({
        ...place,
        message: `the check gives another output than the call would have: ${describeDifference(difference)}`,
        mend: 'give what the call gives',
      })),
    );
  return { findings: [...findings, ...(await effectsOfCheck(world, runner)), ...(await checkInTheDark(runner))] };
}

/** A check only asks. */
async function effectsOfCheck(world: World, runner: CaseRunner): Promise<readonly Finding[]> {
  const { received } = (await world.bench()).service;
  const effect = runner.recorded.recording.exchanges[runner.effectExchange]?.request;
  if (effect === undefined || effect.method === 'GET') return [];
  const again = received.filter((request) => requestDifferences(effect, request).length === 0);
  return again.map((request) => ({
    file: runner.recorded.file,
    pointer: '/check',
    message: `the check makes ${nameOfRequest(request)}, which is the effect itself`,
    mend: 'ask in the check handler, and change nothing',
  }));
}

/** When the service is down, nothing is known. */
async function checkInTheDark(runner: CaseRunner): Promise<readonly Finding[]> {
  const answer = await runner.check({ respond: () => ({ kind: 'answer', status: 503 }), idempotencyKey: KEY });
  if ('error' in answer || answer.effect !== 'absent') return [];
  return [
    {
      file: runner.recorded.file,
      pointer: '/check',
      message: 'the check answers `absent` while the service answers 503',
      mend: 'throw UPSTREAM_UNAVAILABLE, or answer `unknown`',
    },
  ];
}

function notMade(runner: CaseRunner): Outcome {
  return {
    findings: [
      {
        file: runner.recorded.file,
        pointer: `/exchanges/${String(runner.effectExchange)}/request`,
        message: 'was not made in a later attempt, or for another key',
        mend: 'see why the handler asks for something else then',
      },
    ],
  };
}

/** Every text of a request by its place. */
function textsOf(request: ReceivedRequest): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const gather = (value: unknown, place: string): void => {
    if (typeof value === 'object' && value !== null) for (const [name, inside] of Object.entries(value)) gather(inside, `${place}/${name}`);
    else if (typeof value === 'string') texts.set(place, value);
  };
  gather(comparableRequest(request), '');
  gather(request.headers, '/headers');
  return texts;
}
