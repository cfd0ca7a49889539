// Kills a hub under load many times and prints what was found: node --conditions=tendril-source test/faults/kill.ts --times 200
import { parseArgs } from 'node:util';
import { HUB_FAULT_POINTS } from '@tendril/engine';
import { FAULT_POINTS } from '@tendril/stores';
import { runKills } from './kill-run.ts';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    points: { type: 'string', multiple: true },
  },
});
const points = values.points ?? [...FAULT_POINTS, ...HUB_FAULT_POINTS];
const report = await runKills({
  times: Number(values.times),
  seed: Number(values.seed),
  points,
  tearsWal: true,
  onProgress: (line) => process.stderr.write(`${line}\n`),
});
const unvisited = points.filter((point) => report.killsByPoint[point] === undefined);
const badRuns = Object.keys(report.runs).filter((state) => !['succeeded', 'needs_review', 'failed as planned'].includes(state));
const badReviews = Object.keys(report.inReview).filter((action) => action !== 'ledger.append');
const doubledEffects = Object.values(report.effects).reduce((sum, { doubled }) => sum + doubled, 0);
process.stdout.write(
  `${JSON.stringify({ ...report, pointsVisited: `${points.length - unvisited.length} of ${points.length}`, unvisited }, undefined, 2)}\n`,
);
const faults =
  report.pathProblems.length +
  report.customerProblems.length +
  report.lost.length +
  report.doubled.length +
  report.withoutRun +
  badRuns.length +
  badReviews.length +
  doubledEffects;
// So many kills reach every point once; fewer cannot.
const isShort = Number(values.times) < 4 * points.length;
process.exitCode = faults > 0 || (unvisited.length > 0 && !isShort) ? 1 : 0;
