import type { RunningHub } from '../support/start-hub.ts';

/** Name of the event that starts the pipeline. */
const PATH_PROBE = 'Path Probe';
const PATH_ANSWER = 'Path Answer';

const note = (line: string): string =>
  `{ action: ledger.note, with: { book: "\${{ event.properties.book }}", line: "\${{ event.properties.probe }} ${line}" } }`;

/** Every way that a run can go: branches, a wait for an event against its timeout, a loop, another pipeline, undoing. */
const PATHS = `
pipeline: fault_paths
trigger: { event: ${PATH_PROBE} }
serial: { key: event.properties.lane }
concurrency: { limit: 40 }
steps:
  - id: one
    action: ledger.note
    with: { book: "\${{ event.properties.book }}", line: "\${{ event.properties.probe }} do-1" }
    compensate: [${note('undo-1')}]
  - parallel:
      left:
        - id: two
          action: ledger.note
          with: { book: "\${{ event.properties.book }}", line: "\${{ event.properties.probe }} do-2" }
          compensate: [${note('undo-2')}]
      right: [{ wait: 300ms }]
  - id: answer
    wait: { event: ${PATH_ANSWER}, where: arrived.properties.probe == event.properties.probe, since: trigger, timeout: 2s }
    onTimeout: [${note('silence')}]
  - if: steps.answer.state == "succeeded"
    then: [${note('answer')}]
  - forEach: "\${{ [1, 2, 3] }}"
    concurrency: 2
    do:
      - { action: ledger.note, with: { book: "\${{ event.properties.book }}", line: "\${{ event.properties.probe }} each-\${{ each.item }}" } }
  - id: child
    call: fault_child
    with: { probe: "\${{ event.properties.probe }}", book: "\${{ event.properties.book }}" }
    compensate: [${note('undo-child')}]
  - if: event.properties.fails
    then: [{ fail: { reason: planned } }]
  - emit: { event: Path Done, properties: { probe: "\${{ event.properties.probe }}" } }
`;

const CHILD = `
pipeline: fault_child
trigger: { manual: {} }
input:
  type: object
  required: [probe, book]
  properties: { probe: { type: string }, book: { type: string } }
steps:
  - wait: 200ms
  - { action: ledger.note, with: { book: "\${{ input.book }}", line: "\${{ input.probe }} child" } }
output: { done: true }
`;

/** Pipelines of this part of the load. */
export const PATH_PIPELINES: readonly string[] = [CHILD, PATHS];

interface Probe {
  readonly name: string;
  readonly fails: boolean;
}

/** Runs that go every way, and what has to be written down of each. */
export interface Paths {
  run(hub: RunningHub, round: number, isOver: () => boolean): Promise<void>;
  /** What the book lacks or has too much of, as sentences; empty when all is as it should be. */
  problems(notes: readonly string[], emitted: readonly string[]): readonly string[];
}

const PROBES = 4;

/** @param book address that the pipelines write to */
export function createPaths(book: string): Paths {
  const acknowledged = new Map<string, Probe>();

  async function probe(hub: RunningHub, name: string, index: number): Promise<void> {
    const fails = index % 2 === 1;
    const properties = { probe: name, book, fails, lane: `lane-${String(index % 3)}` };
    const userId = `path-${name}`;
    const start = { type: 'track', messageId: `p-${name}`, userId, event: PATH_PROBE, properties };
    const answer = { type: 'track', messageId: `a-${name}`, userId, event: PATH_ANSWER, properties: { probe: name } };
    // Some answers come with the question, some later, some never; each may be delivered twice.
    const status = await hub.send(index % 4 === 0 ? [start, answer] : [start]).catch(() => 0);
    if (status === 200) acknowledged.set(name, { name, fails });
    if (index % 4 === 1) for (let time = 0; time < 2; time += 1) await hub.send([answer]).catch(() => 0);
  }

  return {
    async run(hub, round, isOver) {
      for (let index = 0; !isOver() && index < PROBES; index += 1) await probe(hub, `${String(round)}-${String(index)}`, index + round);
    },
    problems(notes, emitted) {
      const byProbe = Map.groupBy(notes, (line) => line.split(' ')[0] ?? '');
      const done = new Set(emitted);
      return [...acknowledged.values()].flatMap((each) => problemsOf(each, lines(byProbe.get(each.name)), done.has(each.name)));
    },
  };
}

function lines(notes: readonly string[] | undefined): readonly string[] {
  return (notes ?? []).map((note) => note.slice(note.indexOf(' ') + 1));
}

function problemsOf({ name, fails }: Probe, notes: readonly string[], isDone: boolean): readonly string[] {
  const problems: string[] = [];
  const once = ['do-1', 'do-2', 'each-1', 'each-2', 'each-3', 'child'];
  const undone = ['undo-child', 'undo-2', 'undo-1'];
  for (const line of [...once, ...(fails ? undone : [])]) {
    const count = notes.filter((note) => note === line).length;
    if (count !== 1) problems.push(`${name}: ${line} is there ${String(count)} times`);
  }
  const ends = notes.filter((note) => note === 'answer' || note === 'silence');
  if (ends.length !== 1) problems.push(`${name}: the wait ended ${String(ends.length)} times`);
  const undo = notes.filter((note) => note.startsWith('undo'));
  if (undo.join() !== (fails ? undone : []).join()) problems.push(`${name}: undone was ${undo.join() || 'nothing'}`);
  if (isDone === fails) problems.push(`${name}: its end was ${isDone ? '' : 'not '}reported`);
  return problems;
}
