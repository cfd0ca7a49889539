import type { ConsumerHandler, LoggedEvent } from '@tendril/plugin-api';
import { comparePeople } from '../duplicates/compare-people.ts';
import type { Decider } from '../duplicates/proposals.ts';
import { duplicateSettings } from '../duplicates/settings.ts';
import type { Settings } from '../gen/manifest.gen.ts';

/** Compares people of whom something changed with those who are like them, and follows merges. */
export const compare: ConsumerHandler<Settings> = async (events, call) => {
  const settings = duplicateSettings(call.settings);
  if (!settings.isEnabled) return;
  const compared = new Set(settings.fields.flatMap(({ name }) => [name, name.split('.')[0] ?? name]));
  const ids = events.flatMap((event) => {
    if (event.kind === 'hub') return [textOf(event, 'into'), textOf(event, 'from')].filter((id) => id !== '');
    const isAboutField = Object.keys(event.traits).some((trait) => compared.has(trait));
    return isAboutField && event.profileId !== undefined ? [event.profileId] : [];
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
