import type { LoggedEvent } from '../../api/types.ts';
import { text } from '../../ui/person-name.ts';

const KINDS: Readonly<Record<string, string>> = {
  $identify: 'Identify',
  $page: 'Page',
  $screen: 'Screen',
  $group: 'Group',
  $alias: 'Alias',
};
const DETAILS = ['path', 'title', 'offer', 'product', 'pipeline', 'state', 'source', 'channel', 'contact', 'subject', 'name'] as const;

/** What an event is called on screen. The application's own names stay as they are. */
export function nameEvent(event: LoggedEvent): string {
  const known = KINDS[event.name];
  if (known !== undefined) return known;
  if (event.kind !== 'hub') return event.name;
  const words = event.name.replace(/^tendril\./, '').replaceAll(/[._]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Whom an event is about, as the application knows them. */
export function nameSubject(event: LoggedEvent): string {
  const { userId, anonymousId, groupId } = event.identities;
  return text(userId) || text(event.traits['email']) || text(anonymousId) || text(groupId);
}

/** The most telling value or two of an event, in one line. */
export function detailEvent(event: LoggedEvent): string {
  const told = DETAILS.map((key) => event.properties[key]).filter((value): value is string => typeof value === 'string' && value !== '');
  if (told.length > 0) return told.slice(0, 2).join(' · ');
  const rest = Object.entries(event.properties).filter(([, value]) => typeof value !== 'object');
  if (rest.length > 0)
    return rest
      .slice(0, 2)
      .map(([key, value]) => `${key}: ${JSON.stringify(value).replace(/^"(.*)"$/, '$1')}`)
      .join(' · ');
  const traits = Object.keys(event.traits);
  return traits.length > 0 ? `${String(traits.length)} traits` : '';
}

/** Which colour an event has: one of the classes `hue-…`. */
export function hueOfEvent(event: LoggedEvent): 'track' | 'identify' | 'page' | 'hub' | 'other' {
  switch (event.kind) {
    case 'track':
    case 'identify':
    case 'hub':
      return event.kind;
    case 'page':
    case 'screen':
      return 'page';
    default:
      return 'other';
  }
}
