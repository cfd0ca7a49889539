import { TendrilError } from '@tendril/plugin-api';
import type { Identities, JsonObject } from '@tendril/plugin-api';
import type { Governor, Reservation } from '../governor/index.ts';
import { valueAt } from '../plugins/index.ts';
import type { LoadedAction } from '../plugins/index.ts';
import type { ActionRequest } from './contract.ts';
import { aliasesOf, refusedBy, textsIn, USUAL_PURPOSE } from './person-of-send.ts';

/** Looks a person up through the capability `people.get@1`. */
export type GetPerson = (request: ActionRequest, personId: string) => Promise<JsonObject>;

/**
 * The governor's leave for a `send` or `spend`, by the places that the manifest names.
 *
 * @returns undefined for other actions
 * @throws TendrilError ACTION_HELD_BACK, ACTION_INPUT_INVALID when the input does not name the person or the money
 */
export async function reservePermit(
  governor: Governor,
  action: LoadedAction,
  input: JsonObject,
  request: ActionRequest,
  getPerson: GetPerson,
): Promise<Reservation | undefined> {
  const { send, spend } = action.action;
  const { tenantId, idempotencyKey, isTest, hops = 0, causedBy, requestId } = request;
  const occasion = {
    tenantId,
    idempotencyKey,
    action: action.name,
    isTest,
    hops,
    ...(causedBy !== undefined && { causedBy }),
    ...(requestId !== undefined && { requestId }),
  };
  if (send !== undefined) {
    const asked = text(input, send.person, action);
    const profile = await getPerson(request, asked);
    const personId = typeof profile['id'] === 'string' ? profile['id'] : asked;
    const address = valueAt(profile, send.address);
    const purpose = send.purpose === undefined ? undefined : valueAt(input, send.purpose);
    const identities = identitiesOf(profile);
    return governor.reserveSend({
      ...occasion,
      channel: send.channel,
      purpose: typeof purpose === 'string' && purpose !== '' ? purpose : USUAL_PURPOSE,
      personId,
      address: typeof address === 'string' ? address : undefined,
      aliases: aliasesOf(profile),
      refused: refusedBy(profile),
      ...(identities !== undefined && { identities }),
    });
  }
  if (spend === undefined) return undefined;
  const amount = valueAt(input, spend.amount);
  if (typeof amount !== 'number') throw invalid(action, spend.amount, 'must be an amount');
  return governor.reserveSpend({ ...occasion, amount, currency: text(input, spend.currency, action) });
}

function text(input: JsonObject, pointer: string, action: LoadedAction): string {
  const value = valueAt(input, pointer);
  if (typeof value !== 'string' || value === '') throw invalid(action, pointer, 'is missing');
  return value;
}

function invalid(action: LoadedAction, pointer: string, message: string): TendrilError {
  return new TendrilError('ACTION_INPUT_INVALID', { action: action.name, problems: [{ pointer, message }] });
}

/** So that events about a message are found with the person. Profiles give identities as `kind:value`. */
function identitiesOf(profile: JsonObject): Identities | undefined {
  const known = textsIn(profile['identities']);
  for (const kind of ['userId', 'anonymousId'] as const) {
    const found = known.find((identity) => identity.startsWith(`${kind}:`));
    if (found !== undefined) return { [kind]: found.slice(kind.length + 1) };
  }
  return undefined;
}
