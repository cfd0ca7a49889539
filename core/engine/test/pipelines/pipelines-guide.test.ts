import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipelineSchema } from '@tendril/schemas';
import { createOfflineChecker, formatPipeline, graphPipeline, readDefinition } from '../../src/index.ts';
import type { PipelineFile, PluginSource } from '../../src/index.ts';

const ROOT = new URL('../../../../', import.meta.url);
const GUIDE = readFileSync(new URL('docs/guides/pipelines.md', ROOT), 'utf8');
const PLUGINS = ['plugins/profiles', 'plugins/leads', 'plugins/email', 'plugins/webhook', 'connectors/salesforce', 'connectors/hubspot'];

function pluginSource(folder: string): PluginSource {
  const at = (path: string): URL => new URL(`${folder}/${path}`, ROOT);
  return {
    folder: folder.split('/')[1] ?? '',
    file: `${folder}/plugin.json`,
    packageJson: JSON.parse(readFileSync(at('package.json'), 'utf8')) as PluginSource['packageJson'],
    manifest: readFileSync(at('plugin.json'), 'utf8'),
    read: (path) => readFile(at(path), 'utf8'),
    load: async () => ({}),
  };
}

/** Every block of YAML that is a pipeline, with the line on which it begins. */
function snippets(): readonly (PipelineFile & { readonly isSkipped: boolean })[] {
  return [...GUIDE.matchAll(/^```yaml(.*)\n([\s\S]*?)^```$/gm)]
    .map(({ 1: head = '', 2: text = '', index }) => ({
      file: `line ${String(GUIDE.slice(0, index).split('\n').length + 1)}`,
      text,
      isSkipped: head.trim().startsWith('skip:'),
    }))
    .filter(({ text }) => /^pipeline:/m.test(text));
}

/** Names of all members of an object of the schema, at any depth. */
function membersOf(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties, examples: _examples, ...rest } = schema as Record<string, unknown>;
  const own = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  return [...own, ...Object.values(properties ?? {}).flatMap(membersOf), ...Object.values(rest).flatMap(membersOf)];
}

describe('the guide of pipelines', () => {
  const files = snippets();

  it('has pipelines that the checker passes', async () => {
    const check = await createOfflineChecker(PLUGINS.map(pluginSource));
    assert.ok(files.length >= 20);
    const faults = await Promise.all(files.filter(({ isSkipped }) => !isSkipped).map(({ file, text }) => check(text, file, files)));
    assert.deepEqual(faults.flat(), []);
  });

  it('has pipelines that can be formatted and drawn', () => {
    for (const { file, text } of files) {
      const formatted = formatPipeline(text, file);
      assert.ok('text' in formatted, file);
      const definition = readDefinition(formatted.text);
      assert.ok(definition !== undefined, file);
      assert.match(graphPipeline(definition), /flowchart TD/);
    }
  });

  it('shows every key of the language', () => {
    const { 'x-counterexamples': _, ...schema } = pipelineSchema as Record<string, unknown>;
    const told = new Set(GUIDE.match(/[A-Za-z]\w*/g));
    const missing = [...new Set(membersOf(schema))].filter((name) => !told.has(name) && name !== '$schema');
    assert.deepEqual(missing, []);
  });
});
