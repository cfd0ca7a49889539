import type { JsonObject } from '@tendril/plugin-api';
import type { Check, Finding, Outcome } from '../contract.ts';
import { CaseRunner } from '../bench/case-runner.ts';
import type { Ended } from '../bench/open-bench.ts';
import { describeDifference, differencesOf } from '../json-difference.ts';
import { Replay } from '../service/replay.ts';
import type { ReceivedRequest } from '../service/stand-in.ts';
import type { World } from '../world.ts';
import { describeError } from './describe-error.ts';
import { successful } from './faults.ts';

const MARKS = ['one', 'two'] as const;

/** Two tenants call at once; each asks with its own credentials and gets its own answer. */
export function tenantChecks(world: World, runners: readonly CaseRunner[]): readonly Check[] {
  return successful(runners).map(({ recorded, action }) => ({
    id: `tenants/${recorded.recording.action}/${recorded.name}`,
    title: `${recorded.recording.action} keeps two tenants apart that call at once`,
    run: () =>
      tryTwo(
        world,
        MARKS.map(() => new CaseRunner(world, recorded, action)),
      ),
  }));
}

async function tryTwo(world: World, runners: readonly CaseRunner[]): Promise<Outcome> {
  const [first] = runners;
  if (first === undefined) return { skipped: 'there is no recording' };
  const { recording, file } = first.recorded;
  const bench = await world.bench();
  const replay = new Replay([...recording.exchanges, ...recording.exchanges]);
  const secrets = markedSecrets(world, first);
  const starts: (() => Promise<Ended>)[] = [];
  for (const [index, runner] of runners.entries()) {
    const values = secrets?.[index]?.values;
    starts.push(await runner.prepare({ respond: replay.respond, ...(values !== undefined && { values }) }));
  }
  const ends = await Promise.all(starts.map((start) => start()));
  const wrong = ends.flatMap((ended): readonly Finding[] => {
    if ('error' in ended) return [{ file, message: `with two tenants at once, a call fails with ${describeError(ended.error)}` }];
    return differencesOf(recording.output, ended.output).map((difference) => ({
      file,
      pointer: `/output${difference.pointer}`,
      message: `with two tenants at once, ${describeDifference(difference)}`,
    }));
  });
  return { findings: [...wrong, ...mixed(secrets, bench.service.received, file)].map((finding) => ({ ...finding, mend: MEND })) };
}

const MEND = 'keep nothing of a call in variables of the module: clients and tokens belong to one call';

interface MarkedSecrets {
  readonly values: JsonObject;
  readonly texts: readonly string[];
}

/** The recorded connection with other secrets for each tenant; `undefined` when its schema takes no others. */
function markedSecrets({ plugin }: World, { recorded }: CaseRunner): readonly MarkedSecrets[] | undefined {
  const { connection } = recorded.recording;
  const schema = connection === undefined ? undefined : plugin.schemas.connections.get(connection.kind);
  if (connection === undefined || schema === undefined) return undefined;
  const marked = MARKS.map((mark) => {
    const secrets = Object.entries(connection.values).filter(([name, value]) => typeof value === 'string' && isSecret(schema.schema, name));
    const replaced = secrets.map(([name, value]) => [name, `${String(value)}-${mark}`] as const);
    return { values: { ...connection.values, ...Object.fromEntries(replaced) } as JsonObject, texts: replaced.map(([, text]) => text) };
  });
  return marked.every(({ values }) => schema.validate(structuredClone(values)).length === 0) ? marked : undefined;
}

function isSecret(schema: JsonObject | boolean, name: string): boolean {
  if (typeof schema === 'boolean') return false;
  const properties = schema['properties'] as Readonly<Record<string, JsonObject>> | undefined;
  const property = properties?.[name];
  return property?.['writeOnly'] === true || property?.['x-secret'] === true;
}

/** Where requests show a secret, they show those of both tenants equally often. */
function mixed(secrets: readonly MarkedSecrets[] | undefined, received: readonly ReceivedRequest[], file: string): readonly Finding[] {
  const counts = (secrets ?? []).map(({ texts }) => received.filter((request) => texts.some((text) => shows(request, text))).length);
  const [one = 0, two = 0] = counts;
  if (one === two) return [];
  return [
    {
      file,
      message: `of the requests of two tenants, ${String(one)} carry the credentials of the one and ${String(two)} those of the other`,
    },
  ];
}

function shows({ headers, url, body }: ReceivedRequest, secret: string): boolean {
  const basic = /^Basic (.+)$/.exec(headers['authorization'] ?? '')?.[1] ?? '';
  return [...Object.values(headers), url, body, Buffer.from(basic, 'base64').toString('utf8')].some((text) => text.includes(secret));
}
