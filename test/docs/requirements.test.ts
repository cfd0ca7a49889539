import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(new URL('../../docs/requirements.md', import.meta.url), 'utf8');

/** A criterion as its row tells it. */
interface Criterion {
  readonly id: string;
  readonly state: string;
  /** Where it is built, and what shows it. */
  readonly paths: readonly string[];
}

const criteria: readonly Criterion[] = page
  .split('\n')
  .filter((line) => /^\| R\d+\.\d+ /.test(line))
  .map((line) => {
    const [, id = '', , state = '', where = '', test = ''] = line.split('|').map((cell) => cell.trim());
    const paths = [where, test].flatMap((cell) => cell.split(',').map((path) => path.trim())).filter((path) => path !== '');
    return { id, state, paths };
  });

function stateOf({ id, state }: Criterion): string {
  const [word = ''] = /^(?:done|partly|not yet)/.exec(state) ?? [];
  assert.notEqual(word, '', `${id} is neither done, partly nor not yet`);
  return word;
}

describe('docs/requirements.md', () => {
  it('counts its criteria', () => {
    const [all, done, partly, notYet] = (/Of (\d+) criteria: (\d+) done, (\d+) partly, (\d+) not yet/.exec(page) ?? [])
      .slice(1)
      .map(Number);
    const count = (word: string): number => criteria.filter((criterion) => stateOf(criterion) === word).length;
    assert.deepEqual([all, done, partly, notYet], [criteria.length, count('done'), count('partly'), count('not yet')]);
    assert.equal(new Set(criteria.map(({ id }) => id)).size, criteria.length);
  });

  it('names files that are there', () => {
    const missing = criteria.flatMap(({ id, paths }) =>
      paths.filter((path) => globSync(path, { cwd: root }).length === 0).map((path) => `${id}: ${path}`),
    );
    assert.deepEqual(missing, []);
  });

  it('says of what is done or partly done where it is and what shows it, and of what is partly done what is missing', () => {
    const bare = criteria.filter((criterion) => stateOf(criterion) !== 'not yet' && criterion.paths.length < 2).map(({ id }) => id);
    const silent = criteria.filter(({ state }) => state.startsWith('partly') && !state.startsWith('partly: ')).map(({ id }) => id);
    assert.deepEqual([bare, silent], [[], []]);
  });
});
