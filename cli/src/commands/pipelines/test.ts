import { statSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Args, Flags } from '@oclif/core';
import type { CaseResult, TestResult } from '@tendril/engine';
import { BaseCommand } from '../../base-command.ts';
import { EXIT } from '../../failure.ts';
import { readText } from '../../input.ts';
import { findOfflinePlugins } from '../../offline.ts';
import { printFaults } from '../../pipeline-faults.ts';
import { answeredRows } from '../../simulation-rows.ts';

const PATTERN = '**/*.test.{yaml,yml}';
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git', '.tendril']);

export default class PipelinesTest extends BaseCommand {
  static override description =
    'Play the cases of x.test.yaml against the pipeline in x.yaml, in memory and with virtual time. Needs no hub; every **/*.test.yaml below this folder unless files or folders are named.';
  static override examples = ['tendril pipelines test', 'tendril pipelines test welcome.test.yaml --verbose'];
  static override strict = false;
  static override args = { file: Args.string({ description: 'files of cases, or folders with them' }) };
  static override flags = { verbose: Flags.boolean({ char: 'v', description: 'show the calls of every case' }) };

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(PipelinesTest);
    const named = argv as string[];
    const files = (await Promise.all((named.length > 0 ? named : ['.']).map(casesIn))).flat();
    if (files.length === 0) this.logToStderr(`There is no ${PATTERN} below ${named.join(', ') || 'this folder'}.`);
    const test = await createTester();
    const results: TestResult[] = [];
    for (const file of files) {
      const text = readText(file);
      const result = await test(text, file);
      if (!this.jsonEnabled()) this.#show(result, text, flags.verbose);
      results.push(result);
    }
    const cases = results.flatMap((result) => result.cases);
    const failed = cases.filter(({ isPassed }) => !isPassed).length;
    const faulty = results.filter(({ faults }) => faults.length > 0).length;
    if (failed > 0 || faulty > 0 || files.length === 0) process.exitCode = EXIT.failed;
    this.log(
      `${cases.length - failed} passed${failed > 0 ? `, ${failed} failed` : ''}${faulty > 0 ? `, ${faulty} file${faulty === 1 ? '' : 's'} with faults` : ''}.`,
    );
    return { isPassed: failed === 0 && faulty === 0 && files.length > 0, files: results.map(withInstants) };
  }

  #show({ file, faults, cases }: TestResult, text: string, isVerbose: boolean): void {
    this.log(file);
    // Faults may be of the pipeline, whose text is not at hand here.
    for (const fault of faults) printFaults(this, fault.file ?? file, (fault.file ?? file) === file ? text : '', [fault]);
    for (const one of cases) {
      this.log(`  ${one.isPassed ? '✓' : '✗'} ${one.name} (${one.tookMs.toFixed(one.tookMs < 10 ? 1 : 0)} ms)`);
      if (!one.isPassed) for (const line of problemLines(one)) this.log(`      ${line}`);
      if (isVerbose && one.played !== undefined)
        this.table(answeredRows(one.played.calls.map((call) => ({ ...call, at: toIso(call.at) }))), 'It calls no action.', '      ');
    }
    this.log('');
  }
}

async function createTester(): Promise<(text: string, file: string) => Promise<TestResult>> {
  const [{ createOfflineTester }, { createMemoryStores }] = await Promise.all([
    import('@tendril/engine'),
    import('@tendril/testkit/stores'),
  ]);
  return createOfflineTester(await findOfflinePlugins(), {
    createStores: (options) => createMemoryStores(options),
    readBeside: (file, name) => readFile(join(dirname(file), name), 'utf8'),
  });
}

async function casesIn(place: string): Promise<readonly string[]> {
  // What is not there is told when it is read.
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder) return [place];
  const files: string[] = [];
  for await (const file of glob(PATTERN, { cwd: place, exclude: (name) => SKIPPED.has(name) })) files.push(join(place, file));
  return files.toSorted();
}

function problemLines({ problems, error }: CaseResult): readonly string[] {
  return [
    ...(error === undefined ? [] : [`It could not be played: ${error.message} (${error.code}) ${JSON.stringify(error.details)}`]),
    ...problems.flatMap(({ pointer, message, expected, actual }) => [
      `${pointer}: ${message}`,
      `  expected ${JSON.stringify(expected)}`,
      `  actual   ${JSON.stringify(actual)}`,
    ]),
  ];
}

function toIso(at: number): string {
  return new Date(at).toISOString();
}

/** As everywhere in answers: instants in ISO 8601. */
function withInstants(result: TestResult): object {
  return {
    ...result,
    cases: result.cases.map(({ played, ...rest }) => ({
      ...rest,
      ...(played === undefined ? {} : { calls: played.calls.map((call) => ({ ...call, at: toIso(call.at) })), emitted: played.emitted }),
    })),
  };
}
