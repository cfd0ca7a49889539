import { createServer } from 'vite';
import { FakeHub } from './fake-hub.ts';

// Starts the dashboard with hot reload over made-up data: `npm run dev:fake -w dashboard`.
const hub = new FakeHub({ eventsPerSecond: Number(process.env['EVENTS_PER_SECOND'] ?? 12) });
const target = await hub.start();
const vite = await createServer({
  configFile: new URL('../../vite.config.ts', import.meta.url).pathname,
  server: { proxy: { '/v1': target } },
});
await vite.listen();
vite.printUrls();
