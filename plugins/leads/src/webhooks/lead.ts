import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject, WebhookHandler } from '@tendril/plugin-api';
import type { Settings } from '../gen/manifest.gen.ts';
import { suggestColumns } from '../imports/suggest.ts';
import { createIntake, isRefused, withOrigin } from '../intake/intake.ts';
import type { Statement } from '../intake/intake.ts';
import { INTAKE_REASONS, placeOf } from '../intake/take-in.ts';

const MOST_LEADS = 500;

/**
 * Leads of a delivery: an object, a list of them, or an object with `leads` or `data`. All of them are understood or none is taken in;
 * delivered again, each is a repeated event.
 *
 * @throws TendrilError INPUT_INVALID with the place of the first that is none
 */
export const receiveLead: WebhookHandler<Settings> = async ({ body }, call) => {
  const leads = leadsOf(body);
  if (leads === undefined || leads.length > MOST_LEADS)
    throw new TendrilError('INPUT_INVALID', {
      in: 'body',
      reason: `expected a lead, or at most ${String(MOST_LEADS)} of them as \`leads\``,
    });
  const intake = await createIntake(call, true);
  const calls = leads.map((lead, place) => {
    const read = intake(statementOf(lead, call.settings));
    if (isRefused(read))
      throw new TendrilError('INPUT_INVALID', {
        in: 'body',
        pointer: `/${String(place)}/${read.member ?? ''}`,
        reason: INTAKE_REASONS[read.code],
      });
    return withOrigin(read.call, `webhook-${call.idempotencyKey}-${String(place)}`, { source: 'webhook' });
  });
  for (const outcome of await call.events.ingest(calls)) placeOf(outcome);
  return [];
};

function leadsOf(body: Json): readonly JsonObject[] | undefined {
  if (Array.isArray(body)) return body.every(isObject) ? body : undefined;
  if (!isObject(body)) return undefined;
  const inner = body['leads'] ?? body['data'];
  return inner === undefined ? [body] : isObject(inner) ? [inner] : Array.isArray(inner) ? leadsOf(inner) : undefined;
}

/** As a row of an import: by the mapping of the settings, else by the names of the members. */
function statementOf(lead: JsonObject, { webhookMapping, emailTrait = 'email', phoneTrait = 'phone' }: Settings): Statement {
  const members = flatten(lead);
  const mapping = webhookMapping ?? suggestedMapping([...members.keys()], { email: emailTrait, phone: phoneTrait });
  const traits: Record<string, Json> = {};
  const identities: { userId?: string; anonymousId?: string; timestamp?: string } = {};
  for (const [member, to] of Object.entries(mapping)) {
    const value = members.get(member);
    if (value === undefined || value === null || value === '') continue;
    const isIdentity = to === 'userId' || to === 'anonymousId' || to === 'timestamp';
    if (!isIdentity) traits[to] = value;
    else if (typeof value === 'string' || typeof value === 'number') identities[to] = String(value);
  }
  return { ...identities, traits };
}

function suggestedMapping(names: readonly string[], own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const last = names.map((name) => name.split('.').at(-1) ?? name);
  return Object.fromEntries(
    suggestColumns(last, []).flatMap(({ to }, place) =>
      to === undefined || to.startsWith('__') ? [] : [[names[place] ?? '', (Object.hasOwn(own, to) ? own[to] : undefined) ?? to]],
    ),
  );
}

/** Members by path, `company.name`, as far as they are no objects. */
function flatten(lead: JsonObject, prefix = '', into = new Map<string, Json>(), depth = 0): ReadonlyMap<string, Json> {
  for (const [name, value] of Object.entries(lead)) {
    if (value === undefined || into.size >= 200) continue;
    if (isObject(value) && depth < 4) flatten(value, `${prefix}${name}.`, into, depth + 1);
    else into.set(`${prefix}${name}`, value);
  }
  return into;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
