// Installs the servers that tests need, runs every suite, ends with the counts. Started by tools/test.mjs.
// `npm test -- core/engine` runs the suites below one folder; `npm test -- --kind db` those of one kind.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, globSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDashboard } from './build-dashboard.mjs';
import { projectNode, root } from './project-node.mjs';

const report = (line) => process.stdout.write(`${line}\n`);
installServers();
buildDashboard(report);

const [folder, kind] = parseArguments(process.argv.slice(2));
const kinds = {
  unit: /^(?!.*\.(db|net|e2e)\.test\.ts$).*\.test\.ts$/,
  net: /\.net\.test\.ts$/,
  db: /\.db\.test\.ts$/,
  e2e: /\.e2e\.test\.ts$/,
};
// What new plugins are made of is tested where one was made.
const all = globSync('{core,plugins,connectors,cli,dashboard,test,tools,examples,benchmarks,sdks,registry,templates}/**/*.test.ts', {
  cwd: root,
  exclude: (path) => path.includes('node_modules') || path.includes('dist'),
}).filter((file) => !file.startsWith('templates/files/'));
const scratch = mkdtempSync(join(tmpdir(), 'tendril-test-'));
const counts = join(scratch, 'counts');
// Waits for leases to run out most of its time: others run meanwhile, and it is told of at the end.
const WAITING = 'test/faults/kill.e2e.test.ts';
let crashed = 0;
for (const [name, pattern] of Object.entries(kinds)) {
  const files = all.filter((file) => pattern.test(file) && (!folder || file.startsWith(folder)) && (!kind || kind === name)).sort();
  if (files.length === 0) continue;
  report(`\n${name}: ${files.length} files`);
  // End-to-end suites start processes of their own: one mocha each, so that none sees another's left-overs.
  const aside = name === 'e2e' && files.length > 1 && files.includes(WAITING) ? startAside(WAITING) : undefined;
  const groups = name === 'e2e' ? files.filter((file) => aside === undefined || file !== WAITING).map((file) => [file]) : [files];
  for (const group of groups) {
    if (name === 'e2e') report(group[0]);
    const before = readCounts().length;
    const run = spawnSync(projectNode(), mochaWords(group), {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, TENDRIL_TEST_COUNTS: counts },
    });
    // A suite that died before its end has left no counts: that is a failure too.
    if (readCounts().length === before) crashed += 1;
    else if (run.status !== 0 && readCounts().at(-1).failures === 0) crashed += 1;
  }
  await aside?.();
}
const total = readCounts().reduce(
  (sum, one) => ({ passes: sum.passes + one.passes, failures: sum.failures + one.failures, pending: sum.pending + one.pending }),
  { passes: 0, failures: crashed, pending: 0 },
);
rmSync(scratch, { recursive: true, force: true });
report(`\n${total.passes} passed, ${total.failures} failed, ${total.pending} skipped`);
process.exit(total.failures > 0 || total.passes === 0 ? 1 : 0);

function mochaWords(files) {
  const flags = ['--conditions=tendril-source', '--disable-warning=ExperimentalWarning'];
  return [...flags, `${root}node_modules/mocha/bin/mocha.js`, '--reporter', `${root}tools/mocha-reporter.mjs`, ...files];
}

/** Starts a suite beside the others. @returns waits for its end and tells what it said */
function startAside(file) {
  const [output, own] = [join(scratch, 'aside'), join(scratch, 'aside-counts')];
  const written = openSync(output, 'w');
  const child = spawn(projectNode(), mochaWords([file]), {
    cwd: root,
    stdio: ['ignore', written, written],
    env: { ...process.env, TENDRIL_TEST_COUNTS: own },
  });
  const ended = once(child, 'close');
  return async () => {
    const [status] = await ended;
    report(file);
    process.stdout.write(readFileSync(output));
    const told = existsSync(own) ? readFileSync(own, 'utf8') : '';
    appendFileSync(counts, told);
    if (told === '' || (status !== 0 && JSON.parse(told).failures === 0)) crashed += 1;
  };
}

function readCounts() {
  return existsSync(counts)
    ? readFileSync(counts, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];
}

function parseArguments(values) {
  const at = values.indexOf('--kind');
  const wanted = at >= 0 ? values.splice(at, 2)[1] : undefined;
  return [values[0], wanted];
}

/** Debian's packages that suites start for themselves; without them those suites are skipped and say so. */
function installServers() {
  const wanted = [
    ['/usr/sbin/mariadbd', 'mariadb-server'],
    ['/usr/bin/redis-server', 'redis-server'],
    ['/usr/bin/chromium', 'chromium'],
  ].filter(([path]) => !existsSync(path));
  if (wanted.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  const packages = wanted.map(([, name]) => name);
  report(`Installing ${packages.join(' and ')} for the suites that need them …`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env: environment });
  const done = spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: 'ignore',
    env: environment,
  });
  if (done.status !== 0) report(`Could not install ${packages.join(' and ')}: the suites that need them are skipped.`);
}
