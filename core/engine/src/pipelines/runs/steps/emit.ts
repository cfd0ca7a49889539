import { TendrilError } from '@tendril/plugin-api';
import type { Identities, JsonObject } from '@tendril/plugin-api';
import { MAX_HOPS, toNewEvent } from '../../../events/index.ts';
import type { UnplacedEvent } from '../../../events/index.ts';
import type { EmitStep } from '../../compiled.ts';
import { profileKeys } from '../../waits/person-keys.ts';
import { oversize } from '../blobs.ts';
import { keepError } from '../kept-error.ts';
import { DONE } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import { digest } from '../records.ts';
import type { Frame, StepSession } from '../step-session.ts';
import { eventProblems } from './event-problems.ts';

const MAX_ID_CHARACTERS = 255;
const MAX_EVENT_BYTES = 32_768;
const HUB_APP = '_hub';

/** Puts an event into the log, as an application would: it goes there with the step's result, once. */
export async function runEmit(session: StepSession, step: EmitStep, frame: Frame): Promise<Outcome> {
  // What the event says has to be true before it is told.
  await session.journal.flush();
  try {
    const event = await toEvent(session, step, frame);
    session.succeed(step, frame, { id: event.id }, [{ op: 'emit', event: toNewEvent(event) }]);
    return DONE;
  } catch (error) {
    if (TendrilError.is(error) && FAULTS_OF_THE_STEP.has(error.code)) return { kind: 'failed', error: keepError(error) };
    throw error;
  }
}

const FAULTS_OF_THE_STEP: ReadonlySet<string> = new Set(['EVENT_INVALID', 'EVENT_TOO_LARGE', 'EVENT_HOPS_EXCEEDED']);

async function toEvent(session: StepSession, step: EmitStep, frame: Frame): Promise<UnplacedEvent> {
  const { run, tenantId } = session;
  const hops = run.hops === undefined ? 0 : run.hops + 1;
  if (hops > MAX_HOPS) throw new TendrilError('EVENT_HOPS_EXCEEDED', { event: step.event, limit: MAX_HOPS });
  const now = session.now();
  const event: UnplacedEvent = {
    id: `run_${digest(JSON.stringify([tenantId, run.id, session.pathOf(step, frame)]), 40)}`,
    kind: 'track',
    name: step.event,
    appId: run.event?.appId ?? HUB_APP,
    isTest: run.isTest,
    occurredAt: now,
    receivedAt: now,
    identities: await identitiesOf(session, step, frame),
    properties: step.properties(frame.scope),
    traits: {},
    context: {},
    isImported: false,
    causedBy: { runId: run.id, ...(run.eventId === undefined ? {} : { eventId: run.eventId }) },
    hops,
    ...(run.requestId === undefined ? {} : { requestId: run.requestId }),
  };
  const sizeBytes = oversize(event.properties) ?? Buffer.byteLength(JSON.stringify(event));
  if (sizeBytes > MAX_EVENT_BYTES) throw new TendrilError('EVENT_TOO_LARGE', { event: step.event, sizeBytes, limitBytes: MAX_EVENT_BYTES });
  const problems = await eventProblems(session.tenant.state, session.now, event);
  if (problems.length > 0) throw new TendrilError('EVENT_INVALID', { event: step.event, problems });
  return event;
}

/** Whom the step names; else those of the event that started the run, else one by which the run's person is known. */
async function identitiesOf(session: StepSession, step: EmitStep, frame: Frame): Promise<Identities> {
  const { run, tenantId, actions } = session;
  if (step.userId !== undefined) return { userId: toUserId(step, step.userId(frame.scope)) };
  const { userId, anonymousId } = run.event ?? {};
  if (userId !== undefined || anonymousId !== undefined)
    return { ...(userId === undefined ? {} : { userId }), ...(anonymousId === undefined ? {} : { anonymousId }) };
  const known = run.personId === undefined ? undefined : await profileKeys(tenantId, run.personId, run.isTest, actions);
  const [first = ''] = known?.identities ?? [];
  const value = first.slice(first.indexOf(':') + 1);
  if (value === '')
    throw new TendrilError('EVENT_INVALID', { event: step.event, reason: 'the run is about nobody, and the step names no userId' });
  return first.startsWith('userId:') ? { userId: value } : { anonymousId: value };
}

function toUserId(step: EmitStep, value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && text !== '' && text.length <= MAX_ID_CHARACTERS) return text;
  const details: JsonObject = { event: step.event, reason: `userId is not a text of 1 to ${String(MAX_ID_CHARACTERS)} characters` };
  throw new TendrilError('EVENT_INVALID', details);
}
