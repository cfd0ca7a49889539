import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import { LiveContext } from './live/live-context.ts';
import { LiveStore } from './live/live-store.ts';
import { App } from './shell/app.tsx';

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <LiveContext value={new LiveStore()}>
        <App />
      </LiveContext>
    </StrictMode>,
  );
}
