// `npm start`: installs and builds what is missing, then runs `tendril start` on the project's own Node.
import { spawn } from 'node:child_process';
import { buildDashboard } from './build-dashboard.mjs';
import { installDependencies } from './install.mjs';
import { projectNode, root } from './project-node.mjs';

const report = (line) => process.stderr.write(`${line}\n`);

if (Number(process.versions.node.split('.')[0]) < 20) {
  report(`Tendril needs Node 20 or newer to begin with; this is ${process.version}. See https://nodejs.org.`);
  process.exit(1);
}
try {
  installDependencies(report);
  buildDashboard(report);
} catch (error) {
  report(error.message);
  process.exit(1);
}

// A smaller nursery and two arenas of the allocator keep the hub's memory small: they can be chosen before it starts only.
// The channel tells the hub when this process is gone, however it ended.
const hub = spawn(
  projectNode(),
  [
    '--max-semi-space-size=8',
    '--conditions=tendril-source',
    '--disable-warning=ExperimentalWarning',
    `${root}cli/bin/tendril.mjs`,
    'start',
    '--demo',
    ...process.argv.slice(2),
  ],
  {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { MALLOC_ARENA_MAX: '2', ...process.env },
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => hub.kill(signal));
hub.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
