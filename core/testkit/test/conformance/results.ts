import assert from 'node:assert/strict';
import { runConformance } from '../../src/conformance/index.ts';
import type { CheckResult, ConformanceOptions } from '../../src/conformance/index.ts';
import { pluginFolder } from './plugin-folder.ts';
import type { PluginParts } from './plugin-folder.ts';

/** What the kit says of a plugin with these parts. */
export async function resultsOf(parts: PluginParts, options: Partial<ConformanceOptions> = {}): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for await (const result of runConformance({ folder: pluginFolder(parts), ...options })) results.push(result);
  return results;
}

/** Ids of the checks that failed, and all that they say. */
export function failuresOf(results: readonly CheckResult[]): { readonly ids: readonly string[]; readonly text: string } {
  const failed = results.filter(({ state }) => state === 'failed');
  const lines = failed.flatMap(({ findings }) =>
    findings.map(({ file = '', pointer = '', message }) => `${file}${pointer} ${message}`.trim()),
  );
  return { ids: failed.map(({ id }) => id), text: lines.join('\n') };
}

/** The kit finds what is wrong, by the check that is there for it. */
export async function assertFinds(id: string, parts: PluginParts, says: RegExp, options: Partial<ConformanceOptions> = {}): Promise<void> {
  const { ids, text } = failuresOf(await resultsOf(parts, { only: id, ...options }));
  assert.deepEqual(ids, [id], text);
  assert.match(text, says);
}

/** None of the checks that are asked for fails, and one at least is made. */
export async function assertPasses(only: string, parts: PluginParts, options: Partial<ConformanceOptions> = {}): Promise<void> {
  const results = await resultsOf(parts, { only, ...options });
  assert.equal(failuresOf(results).text, '');
  assert.ok(
    results.some(({ state }) => state === 'passed'),
    results.map(({ id, state, reason = '' }) => `${id} ${state} ${reason}`).join('\n'),
  );
}
