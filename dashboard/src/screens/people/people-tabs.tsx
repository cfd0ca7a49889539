import { RoomTabs } from '../../ui/room-tabs.tsx';

const TABS = [
  { href: '/people', text: 'Everybody' },
  { href: '/segments', text: 'Segments' },
  { href: '/traits', text: 'Computed traits' },
  { href: '/duplicates', text: 'Duplicates' },
  { href: '/places', text: 'Places' },
] as const;

/** The way between the screens about people. */
export function PeopleTabs({ current }: { readonly current: (typeof TABS)[number]['href'] }) {
  return <RoomTabs label="About people" tabs={TABS} current={current} />;
}
