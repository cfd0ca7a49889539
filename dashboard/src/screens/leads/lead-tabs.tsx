import { RoomTabs } from '../../ui/room-tabs.tsx';

const TABS = [
  { href: '/leads', text: 'Queue' },
  { href: '/forms', text: 'Forms' },
  { href: '/imports', text: 'Imports' },
  { href: '/qualification', text: 'Rules and models' },
] as const;

/** The way between the screens about leads. */
export function LeadTabs({ current }: { readonly current: (typeof TABS)[number]['href'] }) {
  return <RoomTabs label="About leads" tabs={TABS} current={current} />;
}
