// `npm run check`: every static gate, one after another; all are run, then the failed ones are named.
import { spawnSync } from 'node:child_process';
import { installDependencies } from './install.mjs';
import { projectNode, root } from './project-node.mjs';

installDependencies((line) => process.stderr.write(`${line}\n`));
const bin = (path) => `${root}node_modules/${path}`;
const gates = [
  ['types of packages', bin('typescript/bin/tsc'), '-b'],
  ['types of tests and tools', bin('typescript/bin/tsc'), '-p', 'tsconfig.test.json'],
  ['types of the dashboard', bin('typescript/bin/tsc'), '-p', 'dashboard/tsconfig.json', '--noEmit'],
  ['generated files', 'tools/gen/check.ts'],
  // The dashboard's types are another world: both at once need twice the memory.
  ['lint of packages', ...lint('.', '--ignore-pattern', 'dashboard/')],
  ['lint of the dashboard', ...lint('dashboard')],
  [
    'format',
    bin('prettier/bin/prettier.cjs'),
    '--check',
    '.',
    '--log-level',
    'warn',
    '--cache',
    '--cache-location',
    'node_modules/.cache/tendril/prettier',
  ],
  [
    'imports',
    bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'err',
    'core',
    'plugins',
    'connectors',
    'registry',
    'templates',
    'cli',
    'examples',
  ],
  ['dead code', bin('knip/bin/knip.js')],
];
const failed = [];
for (const [name, ...command] of gates) {
  const startedAt = Date.now();
  const done = spawnSync(projectNode(), ['--conditions=tendril-source', '--disable-warning=ExperimentalWarning', ...command], {
    cwd: root,
    stdio: 'inherit',
  });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${done.status === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
  if (done.status !== 0) failed.push(name);
}
if (failed.length > 0) {
  process.stdout.write(`Failed: ${failed.join(', ')}\n`);
  process.exit(1);
}

function lint(...words) {
  return [bin('eslint/bin/eslint.js'), ...words, '--max-warnings', '0', '--cache', '--cache-location', 'node_modules/.cache/eslint/'];
}
