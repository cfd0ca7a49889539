import { Link } from '../routing/link.tsx';

interface RoomTabsProps {
  /** What the screens have in common, for those who do not see them side by side. */
  readonly label: string;
  readonly tabs: readonly { readonly href: string; readonly text: string }[];
  /** Address of the one that is shown. */
  readonly current: string;
}

/** The way between screens that belong together, or between the parts of one. */
export function RoomTabs({ label, tabs, current }: RoomTabsProps) {
  return (
    <nav className="toolbar segmented" aria-label={label}>
      {tabs.map(({ href, text }) => (
        <Link key={href} href={href} className="segment" aria-current={href === current ? 'true' : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  );
}
