import { useLive } from '../live/live-context.ts';
import { Link } from '../routing/link.tsx';
import { Brand } from './brand.tsx';
import { GovernorButton } from './governor-button.tsx';
import { LiveSign } from './live-sign.tsx';

/** The bar at the top: whose data this is, whether it is live, and the pause button. */
export function Header() {
  const tenantName = useLive((live) => live.overview?.tenant.name);
  return (
    <header className="header">
      <Link href="/" className="brand">
        <Brand />
        <span className="brand-name">Tendril</span>
      </Link>
      <span className="header-tenant truncate">{tenantName ?? ''}</span>
      <div className="header-end">
        <LiveSign />
        <GovernorButton />
      </div>
    </header>
  );
}
