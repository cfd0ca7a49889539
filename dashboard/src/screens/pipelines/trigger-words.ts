import type { Json, JsonObject } from '../../api/types.ts';
import { text } from '../../ui/person-name.ts';

/** What starts a pipeline, in words. */
export interface TriggerWords {
  /** `Event`, `Schedule`, `Webhook`, …; what it is named after, such as the event's name. */
  readonly kind: string;
  readonly name: string;
  readonly where: string;
  readonly notes: readonly string[];
}

/** Puts a trigger in words. One of a kind that is not known is shown as it is written. */
export function tellTrigger(trigger: JsonObject): TriggerWords {
  const where = text(trigger['where']);
  const words = (kind: string, name: string, ...notes: readonly string[]): TriggerWords => ({
    kind,
    name,
    where,
    notes: notes.filter((note) => note !== ''),
  });
  if ('webhook' in trigger) return words('Webhook', '', ...tellWebhook(asObject(trigger['webhook'])));
  if ('schedule' in trigger) {
    const { schedule } = trigger;
    const { cron, timeZone } = typeof schedule === 'string' ? { cron: schedule, timeZone: undefined } : asObject(schedule);
    return words('Schedule', tellCron(text(cron)), text(timeZone));
  }
  if ('source' in trigger)
    return words('Source', text(trigger['source']), 'every' in trigger ? `every ${text(trigger['every'])}` : '', over(trigger));
  if ('broadcast' in trigger) {
    const { segment, perMinute } = asObject(trigger['broadcast']);
    const pace = typeof perMinute === 'number' ? `${String(perMinute)} a minute` : '';
    return words('Broadcast', segment === undefined ? 'to a list of people' : `to segment ${text(segment)}`, pace);
  }
  if ('segment' in trigger) return words('Segment', text(trigger['segment']), text(trigger['on']) === 'left' ? 'left' : 'entered');
  if ('manual' in trigger) return words('By hand', '', 'or through the API, or called by another pipeline');
  if ('event' in trigger) return words('Event', text(trigger['event']));
  return words('', JSON.stringify(trigger));
}

function over(trigger: JsonObject): string {
  const connection = text(trigger['connection']);
  return connection === '' ? '' : `over ${connection}`;
}

function tellWebhook({ verify, answer }: JsonObject): readonly string[] {
  const scheme = text(asObject(verify)['scheme']).replaceAll('_', ' ');
  return [scheme === '' ? 'not signed' : `signed: ${scheme}`, text(answer) === 'result' ? 'answers with the result' : 'answers at once'];
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const NUMBER = /^\d+$/;

/** A cron expression in words where it is a plain one; itself otherwise. */
function tellCron(cron: string): string {
  const [minute = '', hour = '', day = '', month = '', weekday = '', ...more] = cron.trim().split(/\s+/);
  if (more.length > 0 || month !== '*' || weekday === '') return cron;
  const step = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (step !== undefined && hour === '*' && day === '*' && weekday === '*') return `every ${step} minutes`;
  if (!NUMBER.test(minute)) return cron;
  if (hour === '*') return day === '*' && weekday === '*' ? `every hour at minute ${minute}` : cron;
  if (!NUMBER.test(hour)) return cron;
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (day === '*' && weekday === '*') return `every day at ${time}`;
  if (day === '*' && /^(1-5|mon-fri)$/i.test(weekday)) return `Monday to Friday at ${time}`;
  if (day === '*' && /^[0-7]$/.test(weekday)) return `every ${DAYS[Number(weekday) % 7] ?? ''} at ${time}`;
  if (NUMBER.test(day) && weekday === '*') return `on day ${day} of each month at ${time}`;
  return cron;
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
