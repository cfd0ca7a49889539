import assert from 'node:assert/strict';
import { diffPipelines, diffText, readDefinition } from '../../src/pipelines/index.ts';

const BEFORE = `
pipeline: p
trigger: { event: A, where: event.properties.x == 1 }
settings: { n: { type: number, default: 1 }, m: { type: string, default: a } }
concurrency: { limit: 2 }
steps:
  - { id: score, action: leads.score, with: { person: a } }
  - if: steps.score.output.x
    then:
      - { action: mail.send, with: { template: one } }
      - { wait: 1d }
  - { id: last, set: { a: 1 } }
`;

function diff(before: string, after: string): ReturnType<typeof diffPipelines> {
  const [one, other] = [readDefinition(before), readDefinition(after)];
  assert.ok(one !== undefined && other !== undefined);
  return diffPipelines(one, other, { before: 3, after: 4 });
}

describe('the difference of two versions', () => {
  it('is none for layout, comments and the order of keys', () => {
    const other = BEFORE.replace(
      '{ event: A, where: event.properties.x == 1 }',
      '\n  # when\n  where: event.properties.x == 1\n  event: "A"',
    );
    assert.deepEqual(diff(BEFORE, other), { changes: [], consequences: [] });
    assert.equal(diffText(diff(BEFORE, other)), 'No difference in what they do.\n');
  });

  it('names steps by id and place, and what it means for runs in flight', () => {
    const after = `
pipeline: p
title: New
trigger: { event: B, where: event.properties.x == 1 }
settings: { n: { type: number, default: 2 } }
concurrency: { limit: 3 }
steps:
  - { set: { first: 1 } }
  - if: steps.score.output.x
    then:
      - { action: mail.send, with: { template: two }, timeout: 5m }
      - { id: score, action: leads.score, with: { person: a } }
  - { id: last, set: { a: 1 } }
onError: [{ emit: { event: Lost } }]
`;
    assert.equal(
      diffText(diff(BEFORE, after)),
      `~ trigger (changed)
    event: A -> B
~ settings (changed)
    n: {"type":"number","default":1} -> {"type":"number","default":2}
    m: {"type":"string","default":"a"} is gone
~ concurrency (changed)
    concurrency: {"limit":2} -> {"limit":3}
+ title (added)
    title: New
+ step 0: set first (added)
~ step 1.then.0: action mail.send (changed)
    with: {"template":"one"} -> {"template":"two"}
    timeout: 5m
> step \`score\` 0 to 1.then.1: action leads.score (moved)
- step 1.then.1: wait 1d (removed)
+ handler onError.0: emit Lost (added)

Runs in flight keep version 3; runs that start from now on take version 4.
Runs are started by the new trigger as soon as it is deployed.
Values of \`m\` that somebody has set are dropped.
`,
    );
  });

  it('follows handlers, branches and loops', () => {
    const steps = (template: string): string =>
      `pipeline: p\ntrigger: { manual: {} }\nsteps:\n  - { action: a.b, onError: { X: [{ action: m.s, with: { t: ${template} } }] }, compensate: [{ action: m.u, with: { t: ${template} } }] }\n  - { forEach: "\${{ [1] }}", do: [{ parallel: { l: [{ fail: { reason: ${template} } }] } }] }`;
    const { changes } = diff(steps('one'), steps('two'));
    assert.deepEqual(
      changes.map(({ path, kind }) => `${kind} ${path}`),
      ['changed 0.compensate.0', 'changed 0.onError.X.0', 'changed 1.do.0.parallel.l.0'],
    );
  });

  it('has nothing to say of a version and itself, and takes back what it said the other way round', () => {
    const one = BEFORE.replace('{ wait: 1d }', '{ stop: {} }');
    const kinds = (before: string, after: string): readonly string[] =>
      diff(before, after).changes.map(({ kind, what }) => `${kind} ${what ?? ''}`);
    assert.deepEqual(kinds(one, one), []);
    assert.deepEqual(kinds(BEFORE, one).toSorted(), ['added stop', 'removed wait 1d']);
    assert.deepEqual(kinds(one, BEFORE).toSorted(), ['added wait 1d', 'removed stop']);
  });
});
