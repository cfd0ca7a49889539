import type { Json } from '@tendril/plugin-api';
import type { MemberChange, PipelineChange, PipelineDiff } from './diff-pipelines.ts';

const SIGNS = { added: '+', removed: '-', changed: '~', moved: '>' } as const;
const LONGEST_VALUE = 100;

/** The differences as people read them, a line each and one for every member that has changed. */
export function diffText({ changes, consequences }: PipelineDiff): string {
  if (changes.length === 0) return 'No difference in what they do.\n';
  const lines = changes.flatMap((change) => [`${SIGNS[change.kind]} ${headOf(change)}`, ...change.members.map(memberLine)]);
  return `${[...lines, ...(consequences.length === 0 ? [] : ['', ...consequences])].join('\n')}\n`;
}

function headOf({ kind, subject, path, from, id, what }: PipelineChange): string {
  if (what === undefined) return `${path} (${kind})`;
  const name = id === undefined ? '' : ` \`${id}\``;
  const place = from === undefined ? path : `${from} to ${path}`;
  return `${subject === 'handler' ? 'handler' : 'step'}${name} ${place}: ${what} (${kind})`;
}

function memberLine({ name, before, after }: MemberChange): string {
  if (before === undefined) return `    ${name}: ${shown(after)}`;
  return after === undefined ? `    ${name}: ${shown(before)} is gone` : `    ${name}: ${shown(before)} -> ${shown(after)}`;
}

function shown(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 3)}...` : text;
}
