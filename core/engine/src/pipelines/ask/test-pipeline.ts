import { TendrilError } from '@tendril/plugin-api';
import type { ActionPath } from '../../actions/contract.ts';
import type { Stores } from '../../ports.ts';
import type { CheckEnvironment, CheckResult } from '../check/check-pipeline.ts';
import type { PipelineFault } from '../contract.ts';
import type { Definition } from '../definition.ts';
import { assumedConnections } from './assumed-connections.ts';
import { readCases } from './case-file.ts';
import { judgeCase } from './judge-case.ts';
import type { CaseProblem } from './judge-case.ts';
import { playCase } from './play-case.ts';
import type { Played } from './play-case.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What became of one case. */
export interface CaseResult {
  readonly name: string;
  readonly isPassed: boolean;
  readonly problems: readonly CaseProblem[];
  /** Why it could not be played. */
  readonly error?: { readonly code: string; readonly message: string; readonly details: Readonly<Record<string, unknown>> };
  /** Real time, in milliseconds. */
  readonly tookMs: number;
  /** What happened, for those who want to see it. */
  readonly played?: Played;
}

/** What became of one file of cases. */
export interface TestResult {
  readonly file: string;
  /** Of the file of cases or of a pipeline: then nothing was played. */
  readonly faults: readonly PipelineFault[];
  readonly cases: readonly CaseResult[];
}

/** What testing needs. */
export interface TestPipelineOptions {
  readonly environment: CheckEnvironment;
  readonly check: (text: string, file: string, environment: CheckEnvironment) => Promise<CheckResult>;
  readonly known: Pick<ActionPath, 'list' | 'find'>;
  readonly profileCapability: string;
  readonly createStores: (clock: VirtualTime) => Stores;
  /** Reads a file that is named seen from the file of cases. @throws when there is none */
  readonly readBeside: (file: string, name: string) => Promise<string>;
  readonly timer: () => number;
}

/** Plays the cases of one file. Never throws on a bad file: what is wrong is in the answer. */
export async function testPipeline(text: string, file: string, options: TestPipelineOptions): Promise<TestResult> {
  const read = readCases(text, file);
  if ('faults' in read) return { file, faults: read.faults, cases: [] };
  const { test } = read;
  const names = [test.pipeline ?? defaultPipeline(file), ...(test.with ?? [])];
  const sources: string[] = [];
  const definitions: Definition[] = [];
  for (const name of names) {
    const source = await readSourceFile(file, name, options);
    if (typeof source !== 'string') return { file, faults: [source], cases: [] };
    const { faults, definition } = await options.check(source, name, options.environment);
    if (definition === undefined) return { file, faults, cases: [] };
    sources.push(source);
    definitions.push(definition);
  }
  const connections = await assumedConnections(definitions, (name) => options.known.find('simulation', name));
  const isEndless = definitions.some(({ trigger }) => trigger.schedule !== undefined || trigger.source !== undefined);
  const cases: CaseResult[] = [];
  for (const one of test.cases) {
    const beganAt = options.timer();
    const outcome = await playAndJudge(one, { ...options, sources, connections, isEndless, pipeline: definitions[0]?.pipeline ?? '' });
    cases.push({ name: one.name, ...outcome, tookMs: options.timer() - beganAt });
  }
  return { file, faults: [], cases };
}

async function playAndJudge(
  test: Parameters<typeof playCase>[0],
  options: Parameters<typeof playCase>[1],
): Promise<Pick<CaseResult, 'isPassed' | 'problems' | 'error' | 'played'>> {
  try {
    const played = await playCase(test, options);
    const problems = judgeCase(test, played);
    return { isPassed: problems.length === 0, problems, played };
  } catch (error) {
    if (!TendrilError.is(error) || error.code === 'INTERNAL') throw error;
    const { code, message, details } = error;
    return { isPassed: false, problems: [], error: { code, message, details } };
  }
}

async function readSourceFile(file: string, name: string, { readBeside }: TestPipelineOptions): Promise<string | PipelineFault> {
  try {
    return await readBeside(file, name);
  } catch {
    const message = `There is no file \`${name}\` beside this one: name the pipeline's file with \`pipeline:\`.`;
    return { code: 'NOT_FOUND', message, file, line: 1, column: 1, pointer: '/pipeline' };
  }
}

/** `welcome.test.yaml` is about `welcome.yaml`. */
function defaultPipeline(file: string): string {
  const name = file.split(/[/\\]/).at(-1) ?? file;
  return name.replace(/\.test\.(ya?ml|json)$/, '.$1');
}
