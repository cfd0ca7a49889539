import { isDeepStrictEqual } from 'node:util';
import { TendrilError } from '@tendril/plugin-api';
import type { Connection, Json, JsonObject, PollAnswer } from '@tendril/plugin-api';
import { valueAt } from '@tendril/engine/plugins';
import type { Trigger } from '@tendril/schemas';
import type { Check, Finding, Outcome } from '../contract.ts';
import { describeDifference, differencesOf } from '../json-difference.ts';
import type { RecordedPoll } from '../plugin-package.ts';
import { Replay } from '../service/replay.ts';
import type { World } from '../world.ts';
import { describeError } from './describe-error.ts';

const AT = Date.UTC(2026, 0, 15, 12);
const ISO = /^\d{4}-\d{2}-\d{2}T/;

/** A poll gives what was recorded, each item under a key of its own, and the same when it is made again. */
export function pollChecks(world: World): readonly Check[] {
  return world.pack.polls.map((recorded) => ({
    id: `polls/${recorded.recording.trigger}/${recorded.name}`,
    title: recorded.recording.title ?? `${recorded.recording.trigger} gives what was recorded in ${recorded.name}, and the same again`,
    run: () => tryPoll(world, recorded),
  }));
}

async function tryPoll(world: World, recorded: RecordedPoll): Promise<Outcome> {
  const { file, recording } = recorded;
  const trigger = world.plugin.manifest.contributes.triggers?.[recording.trigger];
  const first = await poll(world, recorded);
  const asked = first.problems.map((message): Finding => ({
    file,
    message,
    mend: 'mend the handler, or record the poll again when the change is meant',
  }));
  if ('error' in first.ended || trigger === undefined) {
    const { error } = first.ended as { readonly error?: TendrilError };
    if (error?.code === recording.error) return { findings: asked };
    return {
      findings: [
        ...asked,
        {
          file,
          message: `the poll fails with ${error === undefined ? 'nothing' : describeError(error)}`,
          mend: 'throw errors of the catalogue',
        },
      ],
    };
  }
  const { items, cursor } = first.ended.answer;
  const again = await poll(world, recorded);
  const findings = [
    ...differencesOf(recording.output, items).map((difference): Finding => ({
      file,
      pointer: `/output${difference.pointer}`,
      message: describeDifference(difference),
    })),
    ...keyFindings(trigger, items, file),
    ...orderFindings(items, file),
    ...(cursor !== undefined && !isJson(cursor)
      ? [{ file, message: 'its cursor is no JSON: it comes back another one', mend: 'give texts, numbers, lists and plain objects' }]
      : []),
    ...('error' in again.ended
      ? [{ file, message: `the same poll made again fails with ${describeError(again.ended.error)}` }]
      : differencesOf(first.ended.answer, again.ended.answer).map((difference) => ({
          file,
          message: `the same poll made again gives something else: ${describeDifference(difference)}`,
          mend: 'keep what was seen in the cursor and nowhere else: what starts the runs may be lost, and the poll made again',
        }))),
  ];
  return { findings: [...asked, ...findings] };
}

interface Polled {
  readonly ended: { readonly answer: PollAnswer } | { readonly error: TendrilError };
  readonly problems: readonly string[];
}

async function poll(world: World, { recording }: RecordedPoll): Promise<Polled> {
  const bench = await world.bench();
  bench.clock.set(recording.at === undefined ? AT : Date.parse(recording.at));
  const { tenant } = await bench.tenant(recording.settings as JsonObject | undefined);
  const found = bench.rooms.host.triggers.find(`${world.plugin.id}.${recording.trigger}`);
  if (found === undefined) throw new TendrilError('NOT_FOUND', { trigger: recording.trigger });
  const replay = new Replay(recording.exchanges);
  bench.service.play(replay.respond);
  const connection: Connection | undefined = recording.connection && {
    name: 'recorded',
    isSandbox: true,
    kind: recording.connection.kind,
    values: recording.connection.values as JsonObject,
  };
  const run = { input: recording.input as JsonObject, connection, isTest: false, idempotencyKey: 'poll', attempt: 1 };
  try {
    const { output } = await bench.rooms.host.triggers.poll(tenant.id, found, recording.cursor as Json | undefined, run);
    return { ended: { answer: output }, problems: replay.problems().map(({ message }) => message) };
  } catch (error) {
    if (!TendrilError.is(error)) throw error;
    return { ended: { error }, problems: replay.problems().map(({ message }) => message) };
  }
}

function keyFindings({ primaryKey = '' }: Trigger, items: readonly JsonObject[], file: string): readonly Finding[] {
  const keys = items.map((item) => JSON.stringify(valueAt(item, primaryKey) ?? null));
  const findings: Finding[] = [];
  const mend = `see that every item has a value of its own at ${primaryKey}`;
  const without = keys.indexOf('null');
  if (without >= 0)
    findings.push({ file, pointer: `/output/${String(without)}`, message: `has nothing at ${primaryKey}, the primary key`, mend });
  const twice = keys.findIndex((key, index) => key !== 'null' && keys.indexOf(key) !== index);
  if (twice >= 0)
    findings.push({ file, pointer: `/output/${String(twice)}`, message: `has the primary key ${keys[twice] ?? ''} of another item`, mend });
  return findings;
}

/** A moment that every item has, and that gets earlier from one to the next, tells that the newest comes first. */
function orderFindings(items: readonly JsonObject[], file: string): readonly Finding[] {
  const [first] = items;
  if (first === undefined || items.length < 2) return [];
  const backwards = Object.keys(first).filter((name) => {
    const moments = items.map((item) => item[name]);
    if (!moments.every((moment) => typeof moment === 'string' && ISO.test(moment))) return false;
    const times = moments.map((moment) => Date.parse(String(moment)));
    return times.every((time, index) => index === 0 || time < (times[index - 1] ?? 0));
  });
  return backwards.map((name) => ({
    file,
    pointer: '/output',
    message: `the newest item comes first, by ${name}`,
    mend: 'turn the list around: runs start in the order of the items',
  }));
}

function isJson(value: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
}
