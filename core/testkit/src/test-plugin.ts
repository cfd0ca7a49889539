import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runConformance } from './conformance/run-conformance.ts';
import type { CheckResult, ConformanceOptions, Finding } from './conformance/contract.ts';

/**
 * The conformance kit as tests of mocha, to be called at the top of a test file: a test that fails names every finding
 * with its file, its place and what mends it.
 *
 * @param folder of the package, `new URL('..', import.meta.url)`
 */
export function testPlugin(folder: string | URL, options: Omit<ConformanceOptions, 'folder'> = {}): void {
  const path = (folder instanceof URL ? fileURLToPath(folder) : folder).replace(/\/$/, '');

  describe(`plugin ${basename(path)}`, () => {
    it('conforms', async function () {
      this.timeout(120_000);
      const failed: CheckResult[] = [];
      for await (const result of runConformance({ ...options, folder: path })) if (result.state === 'failed') failed.push(result);
      if (failed.length > 0) throw new Error(failed.map(describeResult).join('\n'));
    });
  });
}

function describeResult({ id, title, findings }: CheckResult): string {
  return [`${id}: ${title}`, ...findings.map(describeFinding)].join('\n');
}

function describeFinding({ file, pointer = '', message, mend }: Finding): string {
  const place = file === undefined ? '' : `${file}${pointer} `;
  return `  ${place}${message}${mend === undefined ? '' : ` (${mend})`}`;
}
