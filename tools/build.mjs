// Compiles every package to dist/ and builds the dashboard: what is published.
import { spawnSync } from 'node:child_process';
import { buildDashboard } from './build-dashboard.mjs';
import { installDependencies } from './install.mjs';
import { projectNode, root } from './project-node.mjs';

const report = (line) => process.stderr.write(`${line}\n`);
installDependencies(report);
const compiled = spawnSync(projectNode(), [`${root}node_modules/typescript/bin/tsc`, '-b'], { cwd: root, stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
buildDashboard(report);
