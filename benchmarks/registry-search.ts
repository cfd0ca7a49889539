/**
 * The search in an index of many plugins.
 *
 *     node tools/run.mjs benchmarks/registry-search.ts [--plugins 10000] [--versions 3] [--rounds 200] [--json]
 *
 * The index is built and signed as `tendril registry build` does it, with ids, titles and descriptions of words that plugins use.
 * - refresh: read from a folder, signatures, schema, sequence; once after each new index
 * - index, cold: parse the verified copy of the whole index, make the rows, answer
 * - rows, cold: parse the small copy that `tendril plugins search` keeps, answer; that is what a person waits for, beside the start of a process
 * - warm: answer from rows in memory, for queries of each kind
 *
 * Cold rounds parse the text anew each time, in a process whose code is warm after the first rounds; the first one is told beside.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONTRACT_VERSION } from '@tendril/plugin-api';
import {
  buildIndex,
  createRegistryClient,
  createRoot,
  createSigningKey,
  searchPlugins,
  searchRows,
  signVersion,
  writeRegistry,
} from '@tendril/registry';
import type { SearchRow, SigningKey } from '@tendril/registry';
import type { RegistryCategory, RegistryEntry, RegistryIndexContent, RegistryVersion } from '@tendril/schemas';
import { describeMachine } from './support/machine.ts';

const { values: flags } = parseArgs({
  options: {
    plugins: { type: 'string', default: '10000' },
    versions: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '200' },
    json: { type: 'boolean', default: false },
  },
});
const plugins = Number(flags.plugins);
const versions = Number(flags.versions);
const rounds = Number(flags.rounds);

const NAMES = [
  'acme',
  'blue',
  'north',
  'swift',
  'lumen',
  'harbor',
  'cedar',
  'pixel',
  'orbit',
  'delta',
  'maple',
  'quartz',
  'raven',
  'solar',
  'tango',
  'vertex',
];
const THINGS = [
  'crm',
  'mailer',
  'ads',
  'survey',
  'chat',
  'billing',
  'shop',
  'forms',
  'tracker',
  'calendar',
  'tickets',
  'webinar',
  'loyalty',
  'reviews',
];
const WORDS =
  'contacts leads deals orders invoices campaigns messages audiences events products prices segments reports calls tasks notes files people companies accounts scores forecasts templates journeys coupons refunds shipments stores visits meetings payments subscriptions'.split(
    ' ',
  );
const VERBS = ['Reads', 'Writes', 'Keeps', 'Sends', 'Matches', 'Imports', 'Exports', 'Scores', 'Enriches', 'Watches'];
const CATEGORIES: readonly RegistryCategory[] = ['crm', 'ads', 'email', 'chat', 'commerce', 'payments', 'analytics', 'tools'];

// A generator with a seed: every run measures the same index.
let seed = 20_261_122;
function random(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}
const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)]!;

function makeEntry(id: string, key: SigningKey): RegistryEntry {
  const words = (count: number): string => Array.from({ length: count }, () => pick(WORDS)).join(' and ');
  const made = Array.from({ length: versions }, (_, index) => makeVersion(id, `1.${index}.0`, key));
  const [name = '', thing = ''] = id.split('_');
  return {
    title: `${name[0]?.toUpperCase()}${name.slice(1)} ${thing}`,
    description: `${pick(VERBS)} ${words(3)} of ${name}, and ${pick(VERBS).toLowerCase()} ${words(2)} for ${pick(THINGS)} users.`,
    categories: [pick(CATEGORIES)],
    licence: 'Apache-2.0',
    publisher: { name: `${name} ${pick(['Inc.', 'Ltd', 'GmbH'])}` },
    keys: [{ public: key.public }],
    versions: made as [RegistryVersion, ...RegistryVersion[]],
  };
}

function makeVersion(id: string, version: string, key: SigningKey): RegistryVersion {
  const integrity = `sha512-${Buffer.alloc(64, random(256)).toString('base64')}`;
  return {
    version,
    tarball: `${id}-${version}.tgz`,
    integrity,
    sizeBytes: 10_000 + random(90_000),
    manifest: Buffer.alloc(32, random(256)).toString('hex'),
    engines: { tendril: `^${CONTRACT_VERSION}` },
    permissions: { hosts: [`api.${id.replaceAll('_', '-')}.example`], connections: ['account'], storage: ['kv'], data: ['personal'] },
    contributes: {
      actions: Array.from({ length: 6 }, () => `${pick(['get', 'put', 'find'])}_${pick(WORDS)}`),
      triggers: [`new_${pick(WORDS)}`],
    },
    publishedAt: new Date(Date.UTC(2026, 0, 1)).toISOString(),
    signature: signVersion({ id, version, integrity }, key),
  };
}

interface Figure {
  readonly firstMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

function measure(count: number, work: () => unknown): Figure {
  const times: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const startedAt = performance.now();
    work();
    times.push(performance.now() - startedAt);
  }
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { firstMs: times[0]!, p50Ms: at(0.5), p99Ms: at(0.99) };
}

const { processor, cores, memoryGiB, node, loadAverage } = describeMachine();
const machine = `${cores} cores (${processor}), ${memoryGiB} GiB, Node ${node}, load ${loadAverage}`;
const key = createSigningKey().key;
const ids = Array.from(
  { length: plugins },
  (_, index) => `${NAMES[index % NAMES.length]!}_${THINGS[Math.floor(index / NAMES.length) % THINGS.length]!}_${index}`,
);
const entries = new Map([...ids.map((id) => [id, makeEntry(id, key)] as const), ['salesforce', makeEntry('salesforce', key)] as const]);
const createdAt = new Date();
const expiresAt = new Date(createdAt.getTime() + 86_400_000);
const role = { publicKeys: [key.public], threshold: 1 };
const root = createRoot({ registry: 'bench.example', root: role, index: role, createdAt, expiresAt }, [key]);
const index = buildIndex({ checked: { entries, revocations: [], roots: [root] }, keys: [key], createdAt, expiresAt });
const folder = mkdtempSync(join(process.env['TENDRIL_BENCH_DIR'] ?? tmpdir(), 'tendril-registry-'));

try {
  await writeRegistry(folder, folder, index, [root]);
  const client = createRegistryClient({
    name: 'bench',
    address: folder,
    fetch: () => Promise.reject(new Error('a folder')),
    rootPinned: root,
    contractVersion: CONTRACT_VERSION,
    now: Date.now,
  });
  const refreshedAt = performance.now();
  const { indexBytes } = await client.refresh();
  const refreshMs = performance.now() - refreshedAt;

  const rowsText = JSON.stringify(searchRows(client.index()));
  const coldRows = measure(rounds, () => searchPlugins(JSON.parse(rowsText) as readonly SearchRow[], 'salesforce'));
  const coldIndex = measure(Math.ceil(rounds / 10), () => {
    const { signed } = JSON.parse(Buffer.from(indexBytes).toString('utf8')) as { readonly signed: RegistryIndexContent };
    return searchPlugins(searchRows(signed), 'salesforce');
  });
  const rows = searchRows(client.index());
  const queries: Readonly<Record<string, string>> = {
    id: 'salesforce',
    word: 'invoices',
    words: 'acme invoices mailer',
    start: 'subscr',
    misspelt: 'salesfroce',
    'two misspelt': 'subscritpions invoises',
    nothing: 'zzzzzzzzzz',
    everything: '',
  };
  const warm = Object.fromEntries(
    Object.entries(queries).map(([kind, query]) => [
      kind,
      { found: searchPlugins(rows, query, { limit: plugins }).length, ...measure(rounds, () => searchPlugins(rows, query)) },
    ]),
  );
  const sizes = { indexMb: indexBytes.length / 1e6, rowsMb: rowsText.length / 1e6 };
  if (flags.json) process.stdout.write(`${JSON.stringify({ machine, plugins, versions, sizes, refreshMs, coldRows, coldIndex, warm })}\n`);
  else {
    const line = (name: string, { firstMs, p50Ms, p99Ms }: Figure): string =>
      `${name.padEnd(24)} p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, the first ${firstMs.toFixed(1)} ms\n`;
    process.stdout.write(
      `${machine}\n${plugins} plugins of ${versions} versions; index ${sizes.indexMb.toFixed(1)} MB, rows ${sizes.rowsMb.toFixed(1)} MB\n`,
    );
    process.stdout.write(`${'refresh, verified'.padEnd(24)} ${refreshMs.toFixed(0)} ms\n`);
    process.stdout.write(line('index, cold', coldIndex) + line('rows, cold', coldRows));
    for (const [kind, figure] of Object.entries(warm)) process.stdout.write(line(`warm: ${kind} (${figure.found})`, figure));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
