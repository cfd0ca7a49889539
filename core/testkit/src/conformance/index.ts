export { runConformance } from './run-conformance.ts';
export { readSource } from './read-source.ts';
export type { CheckResult, ConformanceOptions, Finding, RunsIn } from './contract.ts';
export { recordAction } from './record/record-action.ts';
export type { Recorded, RecordOptions } from './record/record-action.ts';
export type { Scrubbed } from './record/scrub.ts';
