import type { Call } from '@tendril/plugin-api';

/** A row of the table. */
interface Answer {
  readonly id: string;
  readonly question: string;
  readonly answer: string;
  readonly topic: string;
}

interface Question {
  readonly question: string;
  readonly topic?: string;
  readonly limit: number;
}

interface Found {
  readonly id: string;
  readonly answer: string;
  readonly similarity: number;
}

const MOST = 200;

/** Committed with the step that calls it. */
export async function learn(answer: Answer, call: Call): Promise<{ id: string }> {
  call.changes.put('answers', answer);
  return { id: answer.id };
}

/** Compares the question with at most 200 others: this is an example, not a search engine. */
export async function find({ question, topic, limit }: Question, call: Call): Promise<{ answers: readonly Found[] }> {
  const { items } = await call
    .table<Answer>('answers')
    .query(topic === undefined ? { limit: MOST } : { index: 'by_topic', equals: { topic }, limit: MOST });
  if (items.length === 0) return { answers: [] };
  const [asked = [], ...known] = await call.models.embed([question, ...items.map(({ value }) => value.question)]);
  const answers = items.map(({ value: { id, answer } }, index) => ({ id, answer, similarity: dot(asked, known[index] ?? []) }));
  return { answers: answers.toSorted((a, b) => b.similarity - a.similarity).slice(0, limit) };
}

/** Answered from the index alone. */
export async function countTopics(_input: object, call: Call): Promise<Readonly<Record<string, number>>> {
  const groups = await call.table('answers').aggregate({ index: 'by_topic', groupBy: 'topic' });
  return Object.fromEntries(groups.map(({ group, count }) => [typeof group === 'string' ? group : '', count]));
}

/** Vectors of a driver have length 1: this is their cosine. */
function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
