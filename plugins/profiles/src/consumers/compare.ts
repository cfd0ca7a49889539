import type { ConsumerHandler, LoggedEvent } from '@tendril/plugin-api';
import { comparePeople } from '../duplicates/compare-people.ts';
import { compareLater } from '../duplicates/later.ts';
import type { Decider } from '../duplicates/proposals.ts';
import { duplicateSettings } from '../duplicates/settings.ts';
import type { Settings } from '../gen/manifest.gen.ts';

/** More people of an import in one batch than this are compared when there is time: the import does not wait for it. */
const MOST_IMPORTED_AT_ONCE = 50;

/** Compares people of whom something changed with those who are like them, and follows merges. */
export const compare: ConsumerHandler<Settings> = async (events, call) => {
  const settings = duplicateSettings(call.settings);
  if (!settings.isEnabled) return;
  const compared = new Set(settings.fields.flatMap(({ name }) => [name, name.split('.')[0] ?? name]));
  const isAboutField = ({ traits }: LoggedEvent): boolean => Object.keys(traits).some((trait) => compared.has(trait));
  const imported = new Set(events.flatMap((event) => (event.isImported && isAboutField(event) ? (event.profileId ?? []) : [])));
  const isLeft = imported.size > MOST_IMPORTED_AT_ONCE;
  const [first] = events;
  if (isLeft && first !== undefined) compareLater([...imported], first, call);
  const ids = events.flatMap((event) => {
    if (event.kind === 'hub') return [textOf(event, 'into'), textOf(event, 'from')].filter((id) => id !== '');
    if (event.isImported && isLeft) return [];
    return isAboutField(event) ? (event.profileId ?? []) : [];
  });
  const facts = events.filter(({ kind }) => kind === 'hub');
  if (ids.length === 0 && facts.length === 0) return;
  const deciders = new Map(facts.map((event) => [textOf(event, 'from'), deciderOf(event)]));
  await comparePeople([...new Set(ids)], { settings, deciders, facts }, call);
};

function deciderOf(event: LoggedEvent): Decider {
  const reason = textOf(event, 'reason');
  return reason === 'person' || reason === 'rule' ? reason : 'identity';
}

function textOf({ properties }: LoggedEvent, name: string): string {
  const value = properties[name];
  return typeof value === 'string' ? value : '';
}
