import assert from 'node:assert/strict';
import { parse, parseDocument, isMap, isScalar, isSeq, visit } from 'yaml';
import { pipelineSchema } from '@tendril/schemas';
import { formatPipeline } from '../../src/pipelines/index.ts';

function formatted(text: string): string {
  const result = formatPipeline(text, 'p.yaml');
  assert.ok('text' in result, JSON.stringify(result));
  return result.text;
}

/** Numbers from 0 to 1 that are the same in each run of the test. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const RICH = `
pipeline: rich
title: Everything
settings:
  n: { type: number, default: 1, title: N }
trigger:
  event: Order Completed
  where: event.properties.total > 10
  maxAge: PT24H
concurrency: { limit: 2, key: profile.id }
steps:
  - id: one
    action: crm.create
    if: has(profile.id)
    with: { zebra: 1, apple: "\${{ profile.id }}" }
    retry: { attempts: 3, initial: 1s }
    timeout: 1m
    onError:
      UPSTREAM_REJECTED:
        - stop: { reason: no }
      "*": [{ fail: {} }]
  - forEach: { action: crm.list, with: { z: 1, a: 2 }, items: people, cursor: next }
    as: row
    do:
      - wait: { event: Email Opened, where: arrived.id != "", timeout: 3d }
        onTimeout: []
  - wait: { at: "09:00", on: [mon], timeZone: Europe/Berlin }
`;

/** The text with keys in another order and comments strewn in. @returns the comments too */
function shuffled(text: string, seed: number): { readonly text: string; readonly comments: readonly string[] } {
  const next = chance(seed);
  const document = parseDocument(text);
  const comments: string[] = [];
  visit(document, {
    Map: (_key, map) => {
      map.items = map.items
        .map((pair) => ({ pair, at: next() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ pair }) => pair);
      for (const { key, value } of map.items) {
        if (map.flow === true || !isScalar(key) || next() > 0.4) continue;
        const comment = ` comment ${String(comments.length)}.`;
        comments.push(comment);
        if (isScalar(value) && next() > 0.5) value.comment = comment;
        else key.commentBefore = comment;
      }
    },
  });
  return { text: document.toString({ indent: next() > 0.5 ? 4 : 2 }), comments };
}

describe('the formatter of pipelines', () => {
  it('writes keys in one order, with two spaces', () => {
    const text = `
# What it is for.
steps:
    - with: {b: 1, a: 2}   # the input
      action: crm.create
      id: first

    # then
    - stop: {}
trigger:
    where: event.properties.x == "y"
    event:   "Signup Completed"   # starts it
pipeline: p
`;
    assert.equal(
      formatted(text),
      `pipeline: p
trigger:
  event: "Signup Completed" # starts it
  where: event.properties.x == "y"
# What it is for.
steps:
  - id: first
    action: crm.create
    with: { b: 1, a: 2 } # the input

  # then
  - stop: {}
`,
    );
  });

  it('writes JSON as JSON', () => {
    assert.equal(
      formatted('{"steps":[{"stop":{}}],"trigger":{"event":"A"},"pipeline":"p"}'),
      `${JSON.stringify({ pipeline: 'p', trigger: { event: 'A' }, steps: [{ stop: {} }] }, undefined, 2)}\n`,
    );
  });

  it('refuses what cannot be read, and takes what has other faults', () => {
    assert.ok('faults' in formatPipeline('pipeline: [', 'p.yaml'));
    assert.ok('faults' in formatPipeline('- a'));
    assert.equal(formatted('oops: 1\npipeline: p'), 'pipeline: p\noops: 1\n');
    assert.equal(formatted('steps: [3, null, { foo: 1 }]\npipeline: null'), 'pipeline: null\nsteps: [ 3, null, { foo: 1 } ]\n');
  });

  it('leaves aliases behind what they repeat', () => {
    const text = 'steps:\n  - action: a.b\n    with: &w { x: 1 }\npipeline: p\noutput: *w\n';
    assert.deepEqual(parse(formatted(text)), parse(text));
  });

  const { examples } = pipelineSchema as unknown as { readonly examples: readonly object[] };
  const documents = [RICH, ...examples.map((example) => JSON.stringify(example))];
  for (const [index, source] of documents.entries()) {
    it(`says the same, keeps every comment and needs no second time: ${String(index)}`, () => {
      const block = parseDocument(source);
      if (source.startsWith('{'))
        visit(block, {
          Collection: (_key, node) => {
            if (isMap(node) || isSeq(node)) node.flow = false;
          },
        });
      const text = block.toString();
      for (let seed = 1; seed <= 25; seed += 1) {
        const { text: other, comments } = shuffled(text, seed);
        const result = formatted(other);
        assert.deepEqual(parse(result), parse(text), `seed ${String(seed)}`);
        assert.equal(formatted(result), result, `seed ${String(seed)}`);
        for (const comment of comments)
          assert.equal(result.split(`#${comment}`).length, 2, `seed ${String(seed)}: ${comment}\n${other}\n---\n${result}`);
        if (comments.length === 0) assert.equal(result, formatted(text));
      }
    });
  }
});
