// Builds the dashboard when its sources are newer than what was built.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { projectNode, root } from './project-node.mjs';

const folder = `${root}dashboard`;

/** Builds `dashboard/dist` unless it is up to date. `report` gets a line before. */
export function buildDashboard(report) {
  const built = `${folder}/dist/index.html`;
  const sources = ['index.html', 'package.json', 'vite.config.ts', ...filesBelow('src'), ...filesBelow('public')];
  if (existsSync(built) && sources.every((file) => statSync(`${folder}/${file}`).mtimeMs <= statSync(built).mtimeMs)) return;
  report('Building the dashboard …');
  const done = spawnSync(projectNode(), [`${root}node_modules/vite/bin/vite.js`, 'build', '--logLevel', 'warn'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  if (done.status !== 0) throw new Error('The dashboard could not be built; the reason is above.');
}

function filesBelow(path) {
  if (!existsSync(`${folder}/${path}`)) return [];
  return readdirSync(`${folder}/${path}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`.slice(folder.length + 1));
}
