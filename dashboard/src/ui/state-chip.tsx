import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';

interface Look {
  readonly tone: 'good' | 'busy' | 'rest' | 'warn' | 'bad' | 'still';
  readonly icon: IconName;
  readonly text: string;
}

const LOOKS: Readonly<Record<string, Look>> = {
  running: { tone: 'busy', icon: 'turning', text: 'Running' },
  sleeping: { tone: 'rest', icon: 'moon', text: 'Sleeping' },
  succeeded: { tone: 'good', icon: 'check', text: 'Succeeded' },
  failed: { tone: 'bad', icon: 'cross', text: 'Failed' },
  stopped: { tone: 'still', icon: 'stop', text: 'Stopped' },
  cancelled: { tone: 'still', icon: 'cross', text: 'Cancelled' },
  needs_approval: { tone: 'warn', icon: 'hand', text: 'Needs approval' },
  holding: { tone: 'warn', icon: 'pause', text: 'Paused, runs held' },
  done: { tone: 'good', icon: 'check', text: 'Done' },
  not_started: { tone: 'still', icon: 'forward', text: 'Not started' },
  started: { tone: 'good', icon: 'play', text: 'Started' },
  skipped: { tone: 'still', icon: 'forward', text: 'Skipped' },
  needs_review: { tone: 'warn', icon: 'hand', text: 'Needs review' },
  blocked: { tone: 'warn', icon: 'lock', text: 'Blocked' },
  working: { tone: 'good', icon: 'check', text: 'Working' },
  untested: { tone: 'still', icon: 'clock', text: 'Not tested yet' },
  needs_login: { tone: 'warn', icon: 'key', text: 'Needs a login' },
  loaded: { tone: 'good', icon: 'check', text: 'Loaded' },
  faulty: { tone: 'bad', icon: 'alert', text: 'Faulty' },
  paused: { tone: 'warn', icon: 'pause', text: 'Paused' },
  active: { tone: 'good', icon: 'play', text: 'Active' },
  enabled: { tone: 'good', icon: 'check', text: 'Enabled' },
  needs_consent: { tone: 'warn', icon: 'hand', text: 'Needs consent' },
  halted: { tone: 'bad', icon: 'stop', text: 'Stopped' },
  revoked: { tone: 'bad', icon: 'lock', text: 'Revoked' },
  disabled: { tone: 'still', icon: 'stop', text: 'Disabled' },
  unfinished: { tone: 'warn', icon: 'pause', text: 'Not finished' },
  importing: { tone: 'busy', icon: 'turning', text: 'Importing' },
  finished: { tone: 'good', icon: 'check', text: 'Finished' },
  preparing: { tone: 'busy', icon: 'turning', text: 'Preparing' },
  changing: { tone: 'busy', icon: 'turning', text: 'Changing' },
  accepted: { tone: 'good', icon: 'check', text: 'Accepted' },
  unconfirmed: { tone: 'still', icon: 'clock', text: 'Not confirmed' },
  suspicious: { tone: 'warn', icon: 'alert', text: 'To look at' },
  refused: { tone: 'bad', icon: 'cross', text: 'Refused' },
  new: { tone: 'busy', icon: 'leads', text: 'New' },
  scored: { tone: 'rest', icon: 'overview', text: 'Scored' },
  qualified: { tone: 'good', icon: 'check', text: 'Qualified' },
  contacted: { tone: 'busy', icon: 'mail', text: 'Contacted' },
  won: { tone: 'good', icon: 'check', text: 'Won' },
  lost: { tone: 'still', icon: 'cross', text: 'Lost' },
};

/** How a state is called on screen. */
export function nameState(state: string): string {
  const words = state.replaceAll('_', ' ');
  return LOOKS[state]?.text ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** How a state is coloured. */
export function toneOfState(state: string): Look['tone'] {
  return LOOKS[state]?.tone ?? 'still';
}

/** A state as a coloured word with a sign; never colour alone. */
export function StateChip({ state }: { readonly state: string }) {
  const icon = LOOKS[state]?.icon;
  return (
    <span className={`chip chip-${toneOfState(state)}`}>
      {icon === undefined ? null : <Icon name={icon} isSmall />}
      {nameState(state)}
    </span>
  );
}
