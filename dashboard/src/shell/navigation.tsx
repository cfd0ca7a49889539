import { useEffect, useRef } from 'react';
import { useLive } from '../live/live-context.ts';
import { Link } from '../routing/link.tsx';
import { usePlace } from '../routing/router.ts';
import { Icon } from '../ui/icon.tsx';
import type { IconName } from '../ui/icon.tsx';

const ROOMS: readonly { readonly room: string; readonly text: string; readonly icon: IconName }[] = [
  { room: '', text: 'Overview', icon: 'overview' },
  { room: 'events', text: 'Events', icon: 'events' },
  { room: 'people', text: 'People', icon: 'people' },
  { room: 'leads', text: 'Leads', icon: 'leads' },
  { room: 'explore', text: 'Explore', icon: 'explore' },
  { room: 'waiting', text: 'Waiting for you', icon: 'waiting' },
  { room: 'runs', text: 'Runs', icon: 'runs' },
  { room: 'pipelines', text: 'Pipelines', icon: 'pipelines' },
  { room: 'mail', text: 'Mail', icon: 'mail' },
  { room: 'crm', text: 'CRM', icon: 'crm' },
  { room: 'plugins', text: 'Plugins', icon: 'plug' },
  { room: 'setup', text: 'Connections', icon: 'key' },
];

/** Rooms that are reached by way of another. */
const WITHIN: Readonly<Record<string, string>> = {
  segments: 'people',
  traits: 'people',
  duplicates: 'people',
  places: 'people',
  forms: 'leads',
  imports: 'leads',
  qualification: 'leads',
};

const WAITING_STATES = ['needs_approval', 'needs_review', 'blocked'] as const;

/** The way to each screen, with how many runs wait for a person. */
export function Navigation() {
  const [room = ''] = usePlace().parts;
  const current = WITHIN[room] ?? room;
  const waiting = useLive((live) => WAITING_STATES.reduce((sum, state) => sum + (live.overview?.runs[state] ?? 0), 0));
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the navigation scrolls sideways: what one is at should be in sight.
    const navigation = ref.current;
    const link = navigation?.querySelector('[aria-current]');
    if (navigation === null || !(link instanceof HTMLElement)) return;
    navigation.scrollLeft = link.offsetLeft - (navigation.clientWidth - link.offsetWidth) / 2;
  }, [current]);
  return (
    <nav ref={ref} className="navigation" aria-label="Screens">
      <ul>
        {ROOMS.map(({ room: name, text, icon }) => (
          <li key={name}>
            <Link href={`/${name}`} className="navigation-link" aria-current={name === current ? 'page' : undefined}>
              <Icon name={icon} />
              {text}
              {name === 'waiting' && waiting > 0 ? (
                <span className="navigation-count">
                  {waiting}
                  <span className="visually-hidden"> runs</span>
                </span>
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
