export { runConformance } from './run-conformance.ts';
export { readSource } from './read-source.ts';
export type { CheckResult, ConformanceOptions, Finding, RunsIn } from './contract.ts';
