import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { LIMITS } from '../../src/expressions/bounds.ts';
import { ROOTS } from '../../src/expressions/environment.ts';
import { compileExpression } from '../../src/expressions/expression.ts';
import { FUNCTIONS, MACROS } from '../../src/expressions/functions/index.ts';
import type { FunctionSubject } from '../../src/expressions/functions/index.ts';

const GUIDE = new URL('../../../../docs/guides/expressions.md', import.meta.url);

const SUBJECTS: Readonly<Record<FunctionSubject, string>> = {
  values: 'Values and conversions',
  text: 'Text',
  numbers: 'Numbers and money',
  time: 'Dates and times',
  lists: 'Lists and maps',
  json: 'JSON',
  hash: 'Hashes and encodings',
};

const BOUNDS: Readonly<Record<keyof typeof LIMITS, string>> = {
  sourceLength: 'characters of an expression',
  astNodes: 'parts of an expression',
  depth: 'levels of brackets, choices and fields',
  loopDepth: 'macros inside each other',
  writtenListLength: 'elements of a list as written',
  writtenMapLength: 'entries of a map as written',
  callArguments: 'values of a call',
  listLength: 'elements of a list that is read or computed',
  textLength: 'characters of a text that is computed',
  cost: 'steps of one evaluation: elements looked at, parts of a loop evaluated, each 256 characters moved',
  patternLength: 'characters of a regular expression',
  valueDepth: 'levels of lists and maps in each other, where they are compared or written as JSON',
  valueLength: 'characters of all texts and names in the value that an expression gives',
};

function cell(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function functionTables(): string {
  return Object.entries(SUBJECTS)
    .map(([subject, title]) => {
      const rows = FUNCTIONS.filter((definition) => definition.subject === subject).map(({ forms, summary, example, result }) => [
        forms.map(({ signature }) => cell(signature)).join('<br>'),
        summary,
        `${cell(example)} is ${cell(JSON.stringify(result))}`,
      ]);
      return `### ${title}\n\n${table(['signature', 'what it gives', 'example'], rows)}`;
    })
    .join('\n\n');
}

function macroTable(): string {
  const rows = MACROS.map(({ form, summary, example, result }) => [
    cell(form),
    summary,
    `${cell(example)} is ${cell(JSON.stringify(result))}`,
  ]);
  return table(['form', 'what it gives', 'example'], rows);
}

function boundsTable(): string {
  return table(
    ['at most', 'of what'],
    Object.entries(BOUNDS).map(([name, words]) => [LIMITS[name as keyof typeof LIMITS].toLocaleString('en'), words]),
  );
}

function withSection(guide: string, name: string, text: string): string {
  const [before = '', after = ''] = guide.split(new RegExp(`(?<=<!-- ${name} -->\n)[^]*(?=<!-- /${name} -->)`));
  return `${before}\n<!-- prettier-ignore-start -->\n\n${text}\n\n<!-- prettier-ignore-end -->\n\n${after}`;
}

describe('the guide of expressions', () => {
  it('lists every function, macro and bound; TENDRIL_WRITE_GUIDE=1 writes them', () => {
    const guide = readFileSync(GUIDE, 'utf8');
    const sections = { macros: macroTable(), functions: functionTables(), bounds: boundsTable() };
    const wanted = Object.entries(sections).reduce((text, [name, section]) => withSection(text, name, section), guide);
    if (process.env['TENDRIL_WRITE_GUIDE'] === '1') writeFileSync(GUIDE, wanted);
    else assert.equal(guide, wanted);
  });

  it('names every root', () => {
    const guide = readFileSync(GUIDE, 'utf8');
    for (const root of ROOTS) assert.match(guide, new RegExp(`\\| \`${root}\` +\\|`));
  });

  it('shows expressions that compile', () => {
    const blocks = [...readFileSync(GUIDE, 'utf8').matchAll(/```cel\n([^]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'));
    assert.ok(blocks.length > 5);
    for (const line of blocks) assert.deepEqual(Object.keys(compileExpression(line)), ['expression'], line);
  });
});
