import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isScalar, parseDocument, visit } from 'yaml';
import type { Node } from 'yaml';
import { checkPipeline } from '../../src/pipelines/index.ts';
import type { CheckEnvironment } from '../../src/pipelines/index.ts';

const ENVIRONMENT: CheckEnvironment = {
  findAction: async () => undefined,
  actionNames: () => ['a.b'],
  connections: async () => [],
  sources: () => [],
  pipeline: async () => undefined,
  pipelineNames: async () => ['other'],
};

const GUIDE = readFileSync(new URL('../../../../docs/guides/pipelines.md', import.meta.url), 'utf8');
const PIPELINES = [...GUIDE.matchAll(/^```yaml.*\n([\s\S]*?)^```$/gm)]
  .map(({ 1: text = '' }) => text)
  .filter((text) => /^pipeline:/m.test(text));
const JUNK: readonly unknown[] = [
  null,
  0,
  -1.5,
  true,
  '',
  '${{',
  '${{ }}',
  '}}',
  'constructor',
  [],
  {},
  [null],
  { a: 1 },
  { __proto__: 1 },
  '9'.repeat(70),
  [[[]]],
  'steps.x',
];

/** Numbers from 0 to 1 that are the same in each run of the test. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** The pipeline with some of its parts replaced by junk, and some of its keys by others. */
function damaged(text: string, seed: number): string {
  const next = chance(seed);
  const document = parseDocument(text);
  const junk = (): Node => document.createNode(JUNK[Math.floor(next() * JUNK.length)]) as Node;
  visit(document, {
    Pair: (_key, pair) => {
      const dice = next();
      if (dice < 0.04) pair.value = junk();
      else if (dice < 0.06 && isScalar(pair.key))
        pair.key = document.createNode(['with', 'id', 'then', 'event', 'x', 'do'][Math.floor(next() * 6)]);
    },
    Seq: (_key, seq) => {
      if (next() < 0.05) seq.items[Math.floor(next() * (seq.items.length + 1))] = junk();
      if (next() < 0.02) seq.items = seq.items.toReversed();
    },
    Scalar: (_key, scalar) => {
      if (next() < 0.02 && typeof scalar.value === 'string') scalar.value = scalar.value.slice(Math.floor(next() * scalar.value.length));
    },
  });
  return document.toString();
}

describe('the checker and damaged pipelines', () => {
  it('never throws, and compiles what it finds no fault in', async () => {
    let sound = 0;
    for (const [index, text] of PIPELINES.entries()) {
      for (let round = 0; round < 12; round += 1) {
        const source = damaged(text, index * 1_000 + round + 1);
        const { faults, compiled } = await checkPipeline(source, undefined, ENVIRONMENT);
        assert.equal(compiled === undefined, faults.length > 0, source);
        if (compiled !== undefined) sound += 1;
        for (const { line, column, message } of faults) {
          assert.ok(line >= 1 && column >= 1, source);
          assert.match(message, /[.!?]$/, source);
        }
      }
    }
    assert.ok(sound < PIPELINES.length * 12);
  });

  it('judges a thousand steps in loops within its time', async () => {
    const loop = '- { forEach: "${{ event.properties.items }}", do: [{ set: { a: "${{ each.item.x + each.itemIndex }}" } }] }\n';
    const source = `pipeline: p\ntrigger: { event: A }\nsteps:\n${loop.repeat(500)}`;
    const startedAt = performance.now();
    const { faults } = await checkPipeline(source, undefined, ENVIRONMENT);
    assert.deepEqual(faults, []);
    assert.ok(performance.now() - startedAt < 20_000);
  });
});
