// Kills a hub under load many times and prints what was found: node --conditions=tendril-source test/faults/kill.ts --times 200
import { parseArgs } from 'node:util';
import { RUN_FAULT_POINTS } from '@tendril/engine';
import { FAULT_POINTS } from '@tendril/stores';
import { runKills } from './kill-run.ts';

const { values } = parseArgs({ options: { times: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } } });
const report = await runKills({ times: Number(values.times), seed: Number(values.seed), points: [...FAULT_POINTS, ...RUN_FAULT_POINTS], tearsWal: true, onProgress: (line) => process.stderr.write(`${line}\n`) });
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
process.exitCode = report.lost.length + report.doubled.length + report.withoutRun > 0 ? 1 : 0;
