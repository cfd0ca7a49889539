import type { CheckResult, RunsIn } from '@tendril/testkit/conformance';

/** The checks of one way to run the plugin. */
export interface CheckedRun {
  readonly in: RunsIn;
  readonly results: readonly CheckResult[];
}

/** The results as a file that build servers read. */
export function toJunit(plugin: string, runs: readonly CheckedRun[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...runs.flatMap((run) => suiteLines(plugin, run)),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteLines(plugin: string, { in: place, results }: CheckedRun): readonly string[] {
  const count = (state: CheckResult['state']): number => results.filter((result) => result.state === state).length;
  const seconds = results.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1_000;
  return [
    `  <testsuite name="${escaped(`${plugin} (${place})`)}" tests="${results.length}" failures="${count('failed')}" skipped="${count('skipped')}" time="${seconds.toFixed(3)}">`,
    ...results.flatMap(caseLines),
    '  </testsuite>',
  ];
}

function caseLines({ id, title, state, reason = '', findings, tookMs }: CheckResult): readonly string[] {
  const start = `    <testcase classname="${escaped(id)}" name="${escaped(title)}" time="${(tookMs / 1_000).toFixed(3)}"`;
  if (state === 'passed') return [`${start}/>`];
  if (state === 'skipped') return [`${start}>`, `      <skipped message="${escaped(reason)}"/>`, '    </testcase>'];
  const text = findings.map(({ file = '', pointer = '', message, mend = '' }) =>
    `${file}${pointer} ${message}${mend === '' ? '' : ` (${mend})`}`.trim(),
  );
  return [
    `${start}>`,
    `      <failure message="${escaped(findings[0]?.message ?? '')}">${escaped(text.join('\n'))}</failure>`,
    '    </testcase>',
  ];
}

function escaped(text: string): string {
  // Control characters are not allowed in XML, escaped or not.
  const plain = Array.from(text.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`)).filter((each) => each >= ' ' || each === '\n');
  return plain.join('');
}
