import { writeFile } from 'node:fs/promises';
import { Args, Flags } from '@oclif/core';
import type { CheckResult, Finding, RunsIn } from '@tendril/testkit/conformance';
import type { AuthorFolder } from '../../authoring/author-folder.ts';
import { BaseCommand } from '../../base-command.ts';
import { EXIT } from '../../failure.ts';
import type { CheckedRun } from '../../testing/junit.ts';
import type { RecordFlags } from '../../testing/record.ts';
import type { PackedSource } from '../../testing/packed-source.ts';

const MARKS = { passed: '✓', failed: '✗', skipped: '–' } as const;
const PLACES: Readonly<Record<RunsIn, string>> = { process: 'In the process of the hub', child: 'In a process of its own' };

export default class PluginsTest extends BaseCommand {
  static override description =
    "Check that a plugin keeps its promises: its manifest, recorded calls made again, services that fail in every way they know, answers that are lost, stops, two tenants at once, what it reaches; then its own tests. Runs in the real hub's call path, in memory, and reaches nothing. Needs no hub and nothing installed in the folder.";
  static override examples = [
    'tendril plugins test',
    'tendril plugins test ./acme_crm --only faults/create_contact',
    'tendril plugins test --record create_contact --input contact.json --values-file account.json',
    'tendril plugins test --previous ./acme_crm-1.2.0.tgz --junit results.xml',
  ];
  static override args = { dir: Args.string({ default: '.', description: "the plugin's folder" }) };
  static override flags = {
    in: Flags.string({
      description: 'how the plugin is run: in the process of the hub, or in one of its own',
      options: ['process', 'child', 'both'],
      default: 'both',
    }),
    previous: Flags.string({
      description: 'folder or .tgz with the version that was published before, which it has to be compatible with',
    }),
    only: Flags.string({ description: 'only checks whose id holds this; * stands for anything' }),
    record: Flags.string({
      description: 'in place of the checks: call this action at a real account or sandbox, and write the exchange to test/recordings',
      helpGroup: 'RECORD',
    }),
    input: Flags.string({
      description: 'JSON file with the input of the call, `-` for standard input',
      helpGroup: 'RECORD',
      dependsOn: ['record'],
    }),
    kind: Flags.string({ description: 'kind of connection, where the action takes several', helpGroup: 'RECORD', dependsOn: ['record'] }),
    'values-file': Flags.string({
      description: 'JSON file with the fields of the connection, `-` for standard input; asked for without it',
      helpGroup: 'RECORD',
      dependsOn: ['record'],
    }),
    name: Flags.string({ description: 'name of the recording', default: 'recorded', helpGroup: 'RECORD' }),
    allow: Flags.string({
      description: 'host:port of a sandbox on this machine that may be reached',
      multiple: true,
      helpGroup: 'RECORD',
      dependsOn: ['record'],
    }),
    junit: Flags.string({ description: 'also write the results to this file, for build servers' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PluginsTest);
    const [{ readAuthorFolder }, { packSource }] = await Promise.all([
      import('../../authoring/author-folder.ts'),
      import('../../testing/packed-source.ts'),
    ]);
    const folder = readAuthorFolder(args.dir);
    const packed = await packSource(folder);
    if (flags.record !== undefined) return this.#record(folder, packed, { ...flags, record: flags.record });
    const runs: CheckedRun[] = [];
    try {
      for (const place of placesOf(flags.in, packed)) runs.push({ in: place, results: await this.#check(folder, packed, place, flags) });
    } finally {
      await packed.remove();
    }
    const tests = flags.only === undefined ? await this.#ownTests(folder) : undefined;
    if (flags.junit !== undefined) {
      const { toJunit } = await import('../../testing/junit.ts');
      await writeFile(flags.junit, toJunit(folder.id, runs));
    }
    const results = runs.flatMap((run) => run.results);
    const isPassed = results.length > 0 && !results.some(({ state }) => state === 'failed') && tests?.isPassed !== false;
    if (!isPassed) process.exitCode = EXIT.failed;
    this.log(`\n${summary(results)}${tests?.isPassed === false ? ' Its own tests fail.' : ''}`);
    return { id: folder.id, dir: folder.path, isPassed, runs, ...(tests === undefined ? {} : { tests }) };
  }

  async #record(folder: AuthorFolder, packed: PackedSource, flags: RecordFlags): Promise<unknown> {
    const { recordCall } = await import('../../testing/record.ts');
    try {
      const { file, scrubbed, recording } = await recordCall(folder, packed.source, flags);
      this.log(
        `${file}: ${recording.exchanges.length} exchanges, ${'error' in recording ? `fails with ${recording.error}` : 'gives an output'}.`,
      );
      this.table(
        scrubbed.map(({ what, placeholder, count }) => ({ 'taken out': what, 'stands there now': placeholder, times: count })),
        'Nothing was taken out.',
      );
      this.log(
        `Read it before you publish it: details that look like nothing stay. \`tendril plugins test --only recordings/${flags.record}\` plays it.`,
      );
      return { file, scrubbed };
    } finally {
      await packed.remove();
    }
  }

  async #check(
    folder: AuthorFolder,
    { source }: PackedSource,
    place: RunsIn,
    { only, previous }: { readonly only: string | undefined; readonly previous: string | undefined },
  ): Promise<readonly CheckResult[]> {
    const [{ runConformance }, { GENERATED_TYPES, generateManifestTypes }, { pluginsBeside }] = await Promise.all([
      import('@tendril/testkit/conformance'),
      import('create-tendril-plugin'),
      import('../../testing/plugins-beside.ts'),
    ]);
    const { readPrevious } = await import('../../testing/previous-version.ts');
    this.log(`${PLACES[place]}:`);
    const results: CheckResult[] = [];
    const checks = runConformance({
      folder: folder.path,
      source,
      isolation: place,
      beside: await pluginsBeside(folder),
      generateTypes: async (path) => ({ path: GENERATED_TYPES, text: await generateManifestTypes(path) }),
      ...(only === undefined ? {} : { only }),
      ...(previous === undefined ? {} : { previous: await readPrevious(previous) }),
    });
    for await (const result of checks) {
      results.push(result);
      this.#show(result);
    }
    if (results.length === 0) this.log(`  There is no check whose id holds ${only ?? ''}.`);
    return results;
  }

  #show({ id, title, state, reason, findings, warnings, tookMs }: CheckResult): void {
    const note = state === 'skipped' ? `: ${reason ?? ''}` : ` (${tookMs.toFixed(0)} ms)`;
    this.log(`  ${MARKS[state]} ${title}${note}`);
    if (state === 'failed') this.log(`      ${id}`);
    for (const finding of findings) for (const line of findingLines(finding)) this.log(`      ${line}`);
    for (const warning of warnings) for (const line of findingLines(warning)) this.log(`      warning: ${line}`);
  }

  async #ownTests(folder: AuthorFolder): Promise<{ readonly files: readonly string[]; readonly isPassed: boolean }> {
    const { runOwnTests } = await import('../../testing/own-tests.ts');
    this.log('Its own tests:');
    const tests = await runOwnTests(folder.path, this.jsonEnabled() ? process.stderr : process.stdout);
    if (tests.files.length === 0) this.log('  There are none for the test runner of Node in test/**/*.test.ts.');
    return tests;
  }
}

/** A plugin without code runs in one way only. */
function placesOf(wanted: string, { hasCode }: PackedSource): readonly RunsIn[] {
  if (!hasCode || wanted === 'process') return ['process'];
  return wanted === 'child' ? ['child'] : ['process', 'child'];
}

function findingLines({ file, pointer = '', message, mend }: Finding): readonly string[] {
  return [`${file === undefined ? '' : `${file}${pointer}: `}${message}`, ...(mend === undefined ? [] : [`  mend: ${mend}`])];
}

function summary(results: readonly CheckResult[]): string {
  const count = (state: CheckResult['state']): number => results.filter((result) => result.state === state).length;
  const parts = [
    `${count('passed')} passed`,
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
    ...(count('skipped') > 0 ? [`${count('skipped')} skipped`] : []),
  ];
  return `${parts.join(', ')}.`;
}
