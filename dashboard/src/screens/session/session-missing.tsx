import { useEffect } from 'react';
import { Brand } from '../../shell/brand.tsx';

/** What somebody sees who came without the session that the printed link opens. */
export function SessionMissing() {
  useEffect(() => {
    document.title = 'Open the link · Tendril';
  }, []);
  return (
    <main className="away">
      <div className="panel away-card">
        <Brand />
        <h1>Open the printed link</h1>
        <p className="soft">
          This page shows people’s data, so it opens only with the link that Tendril printed when it started. Look for it in the terminal:
        </p>
        <pre className="json">{'tendril start\n\n  Open   http://localhost:…/open?…'}</pre>
        <p className="soft">No terminal at hand? Stop Tendril and start it again: it prints a new link, and nothing is lost.</p>
        <p>
          <button type="button" className="button button-main" onClick={() => location.reload()}>
            I have opened it, try again
          </button>
        </p>
      </div>
    </main>
  );
}
