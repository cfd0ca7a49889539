import assert from 'node:assert/strict';
import { pipelineSchema } from '@tendril/schemas';
import { graphPipeline, readDefinition } from '../../src/pipelines/index.ts';

const SOURCE = `
pipeline: p
title: 'A "title": yes'
trigger: { event: Order Completed }
steps:
  - { id: score, action: leads.score, if: 'profile.traits.x == "<b>#1</b>"' }
  - if: steps.score.state == "x"
    then: [{ stop: {} }]
    else: [{ wait: { event: Email Opened, timeout: 3d }, onTimeout: [{ fail: {} }] }]
  - { parallel: { left: [{ call: other }], right: [{ emit: { event: Sent } }] }, join: any }
  - { forEach: "\${{ event.properties.items }}", as: row, do: [{ action: crm.create, compensate: [{ action: crm.remove }], onError: { UPSTREAM_REJECTED: [{ stop: {} }], "*": [{ wait: 1m }] } }] }
  - { switch: event.name, cases: { a: [{ approve: {} }] } }
onError: [{ set: { a: 1 } }]
`;

// What is used of Mermaid's grammar: a node, an edge with or without a label, a subgraph and its end.
const NODE =
  /^n\d+(?:\["[^"]*"\]|\{"[^"]*"\}|\{\{"[^"]*"\}\}|\(\["[^"]*"\]\)|\[\/"[^"]*"\/\]|\[\["[^"]*"\]\]|>"[^"]*"\]|\(\("[^"]*"\)\)|\(\(\("[^"]*"\)\)\))$/;
const EDGE = /^(n\d+) (?:-->|-\.->)(?:\|"[^"]*"\|)? (n\d+)$/;
const SUBGRAPH = /^subgraph g\d+\["[^"]*"\]$/;

function check(graph: string): { readonly nodes: ReadonlySet<string>; readonly edges: readonly (readonly [string, string])[] } {
  const [first, title, last, head, ...rest] = graph.trimEnd().split('\n');
  assert.deepEqual([first, last, head], ['---', '---', 'flowchart TD']);
  assert.match(title ?? '', /^title: ".*"$/);
  const nodes = new Set<string>();
  const edges: (readonly [string, string])[] = [];
  let open = 0;
  for (const line of rest.map((text) => text.trim())) {
    const edge = EDGE.exec(line);
    if (edge !== null) edges.push([edge[1] ?? '', edge[2] ?? '']);
    else if (NODE.test(line)) nodes.add(/^n\d+/.exec(line)?.[0] ?? '');
    else if (SUBGRAPH.test(line)) open += 1;
    else if (line === 'end') open -= 1;
    else assert.fail(`not Mermaid: ${line}`);
    assert.doesNotMatch(line.replaceAll(/#(?:quot|35|lt|gt|amp|96);/g, ''), /[`&#]|<(?!-)/);
  }
  assert.equal(open, 0);
  for (const end of edges.flat()) assert.ok(nodes.has(end), `${end} is not drawn`);
  return { nodes, edges };
}

describe('the drawing of a pipeline', () => {
  it('has every step and every way', () => {
    const definition = readDefinition(SOURCE);
    assert.ok(definition !== undefined);
    const graph = graphPipeline(definition);
    const { nodes, edges } = check(graph);
    // Start, end, the meeting of the branches, and 16 steps.
    assert.equal(nodes.size, 19);
    const reached = new Set(edges.map(([, to]) => to));
    const first = [...nodes].filter((node) => !reached.has(node));
    assert.equal(first.length, 2, 'only the start, and what is done when the run has failed, has no way to it');
    for (const part of [
      'n0(["event Order Completed"])',
      'n1["score: action leads.score"]',
      '-->|"skipped unless profile.traits.x == #quot;#lt;b#gt;#35;1#lt;/b#gt;#quot;"| n2',
      '-.->|"too late"|',
      '-.->|"undo"|',
      '-.->|"UPSTREAM_REJECTED"|',
      '-.->|"other errors"|',
      'subgraph',
      'each row',
      '-->|"otherwise"|',
    ])
      assert.ok(graph.includes(part), `${part}\n${graph}`);
  });

  it('is the same each time, and follows the grammar for every example of the schema', () => {
    const { examples } = pipelineSchema as unknown as { readonly examples: readonly object[] };
    for (const example of examples) {
      const definition = readDefinition(JSON.stringify(example));
      assert.ok(definition !== undefined);
      const graph = graphPipeline(definition);
      check(graph);
      assert.equal(graphPipeline(definition), graph);
    }
  });

  it('lets no label break out', () => {
    const definition = readDefinition(
      `pipeline: p\ntrigger: { event: 'x"] --> evil["' }\nsteps: [{ switch: 'event.name', cases: { 'a"| n9\n  n9["b': [{ emit: { event: '\`end\` %% <script>' } }] } }]`,
    );
    assert.ok(definition !== undefined);
    check(graphPipeline(definition));
  });
});
