import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Call, Json, JsonObject } from '@tendril/plugin-api';
import type { FormsRow, FormSubmissionsRow, Settings } from '../gen/manifest.gen.ts';
import { anonymousIdOf, createIntake, isRefused, withOrigin } from '../intake/intake.ts';
import type { Identified } from '../intake/intake.ts';
import { INTAKE_REASONS, placeOf } from '../intake/take-in.ts';
import type { Answers } from './answers.ts';

const HOUR_MS = 60 * 60 * 1_000;
const DEFAULT_HOURS = 72;

/** The event of an answer that is stated. */
export const SUBMITTED = 'Form Submitted';
/** The event of one that waits for the person; the pipeline `double_opt_in` sends the mail. */
export const CONFIRMATION_REQUESTED = 'Form Confirmation Requested';

/** The id of an answer: the same for one that was sent twice. */
export function submissionId(form: string, mark: string, answers: Answers): string {
  const content = Object.entries(answers.values).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `s${hash('sha256', JSON.stringify([form, mark, content, answers.consents.toSorted()]), 'hex').slice(0, 24)}`;
}

/**
 * Goes on with an answer that nothing speaks against: states it, or asks the person first. The events are on disk before the row is,
 * under message ids of the answer: repeated, they happen once.
 *
 * @returns the row as it is to be kept
 */
export async function admit(form: FormsRow, row: FormSubmissionsRow, call: Call<Settings>): Promise<FormSubmissionsRow> {
  if (form.doubleOptIn?.isOn !== true) return state(form, row, call);
  const { call: identify } = await readPerson(form, row, call);
  const { emailTrait = 'email' } = call.settings;
  const { [emailTrait]: email } = identify['traits'] as JsonObject;
  const { userId: _userId, traits: _traits, context: _context, ...who } = identify;
  // Only the address, without which no mail finds the person; a `track` call makes no lead of anybody.
  const [outcome] = await call.events.ingest([
    {
      ...who,
      type: 'track',
      event: CONFIRMATION_REQUESTED,
      messageId: `form-${row.id}-request`,
      properties: { form: form.id, submission: row.id },
      context: { source: 'form', traits: { ...(email === undefined ? {} : { [emailTrait]: email }) } },
    },
  ]);
  placeOf(outcome);
  return { ...row, state: 'unconfirmed', expiresAt: call.clock.now() + (form.doubleOptIn.hours ?? DEFAULT_HOURS) * HOUR_MS };
}

/** States an answer: who it is with what they agreed to, and that they have filled in the form. */
export async function state(form: FormsRow, row: FormSubmissionsRow, call: Call<Settings>): Promise<FormSubmissionsRow> {
  const { call: identify } = await readPerson(form, row, call);
  const origin = originOf(form);
  const { userId: _userId, traits: _traits, context: _context, ...who } = identify;
  const outcomes = await call.events.ingest([
    withOrigin(identify, `form-${row.id}-identify`, origin),
    {
      ...who,
      type: 'track',
      event: SUBMITTED,
      messageId: `form-${row.id}-submitted`,
      properties: { form: form.id, formTitle: form.title, submission: row.id, consents: row.consents, ...propertiesOf(form, row) },
      context: origin,
    },
  ]);
  for (const outcome of outcomes) placeOf(outcome);
  return { ...row, state: 'accepted' };
}

/** The address that was filled in, normalised. */
export async function addressOf(form: FormsRow, row: FormSubmissionsRow, call: Call<Settings>): Promise<string | undefined> {
  return (await readPerson(form, row, call)).email;
}

/** What an answer says as a call, under the person that its strongest identity stands for. @throws TendrilError INPUT_INVALID */
async function readPerson(form: FormsRow, row: FormSubmissionsRow, call: Call<Settings>): Promise<Identified> {
  const intake = await createIntake(call, true);
  const read = intake({
    traits: traitsOf(form, row, call.settings),
    consent: Object.fromEntries(row.consents.map((purpose) => [purpose, true])),
    anonymousId: row.anonymousId ?? anonymousIdOf(call.tenant.id, `submission:${row.id}`),
  });
  if (isRefused(read)) throw new TendrilError('INPUT_INVALID', { field: read.member ?? 'email', reason: INTAKE_REASONS[read.code] });
  // Whoever states the same address elsewhere is the same person: an address goes before the answer's own id.
  const anonymousId =
    row.anonymousId ?? anonymousIdOf(call.tenant.id, read.key.startsWith('anonymousId:') ? `submission:${row.id}` : read.key);
  return { ...read, call: { ...read.call, anonymousId } };
}

function traitsOf(
  { fields }: FormsRow,
  { values }: FormSubmissionsRow,
  { emailTrait = 'email', phoneTrait = 'phone' }: Settings,
): Record<string, Json> {
  const traits: Record<string, Json> = {};
  for (const { name, type, trait } of fields) {
    const value = values[name] as Json | undefined;
    const to = trait ?? (type === 'email' ? emailTrait : type === 'tel' ? phoneTrait : undefined);
    if (value !== undefined && to !== undefined) traits[to] = value;
  }
  return traits;
}

/** What states no trait is of this answer alone. */
function propertiesOf({ fields }: FormsRow, { values }: FormSubmissionsRow): JsonObject {
  const own = fields.filter(({ type, trait }) => trait === undefined && type !== 'email' && type !== 'tel');
  const answers = Object.fromEntries(own.flatMap(({ name }) => (values[name] === undefined ? [] : [[name, values[name] as Json]])));
  return Object.keys(answers).length === 0 ? {} : { answers };
}

function originOf({ id, source }: FormsRow): JsonObject {
  return { source: 'form', form: id, ...(source === undefined ? {} : { leadSource: source }) };
}
