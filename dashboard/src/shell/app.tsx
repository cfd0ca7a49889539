import { useEffect, useRef } from 'react';
import './shell.css';
import { useLive, useLiveStore } from '../live/live-context.ts';
import { usePlace } from '../routing/router.ts';
import { SessionMissing } from '../screens/session/session-missing.tsx';
import { GovernorBanner } from './governor-banner.tsx';
import { Header } from './header.tsx';
import { Navigation } from './navigation.tsx';
import { ScreenBoundary } from './screen-boundary.tsx';
import { Screen } from './screen.tsx';

/** The whole page: header, navigation and the screen of the current place. */
export function App() {
  const store = useLiveStore();
  const place = usePlace();
  const main = useRef<HTMLElement>(null);
  const shownPath = useRef(place.path);
  const isSignedOut = useLive((live) => live.state === 'signed-out');

  useEffect(() => {
    store.start();
    return () => store.stop();
  }, [store]);

  useEffect(() => {
    // A reader who uses the keyboard or a screen reader goes on in the new screen, not at the link of the old one.
    if (shownPath.current !== place.path) main.current?.focus({ preventScroll: true });
    shownPath.current = place.path;
  }, [place.path]);

  if (isSignedOut) return <SessionMissing />;
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <div className="shell">
        <Navigation />
        <main id="main" className="main" ref={main} tabIndex={-1}>
          <GovernorBanner />
          <ScreenBoundary key={place.path}>
            <Screen place={place} />
          </ScreenBoundary>
        </main>
      </div>
    </>
  );
}
