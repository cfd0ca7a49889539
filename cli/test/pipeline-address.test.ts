import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipelineAddress, queryOf, readMeantPipeline } from '../src/pipeline-address.ts';
import { readJsonObject } from '../src/input.ts';
import { readRunFilter } from '../src/run-filter.ts';

describe('what a command means', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tendril-meant-'));
  const file = join(folder, 'welcome.yaml');
  before(() => writeFileSync(file, 'pipeline: welcome\n'));
  after(() => rmSync(folder, { recursive: true }));

  it('is a file when it looks like one, else the id of a pipeline', () => {
    assert.deepEqual(readMeantPipeline(file), { source: 'pipeline: welcome\n', file });
    assert.deepEqual(readMeantPipeline('welcome'), { id: 'welcome' });
    // A typo in a file's name is not taken for an id.
    assert.throws(() => readMeantPipeline('wellcome.yaml'), { code: 'ENOENT' });
  });

  it('is asked for at an address in which nothing breaks out', () => {
    assert.equal(pipelineAddress('a/b', '/pause', 'staging'), '/v1/pipelines/a%2Fb/pause?environment=staging');
    assert.equal(queryOf({ a: undefined, b: 'x y', c: 0 }), '?b=x+y&c=0');
    assert.equal(queryOf({}), '');
  });

  it('takes JSON as it is typed, or from a file', () => {
    writeFileSync(join(folder, 'input.json'), '{"plan":"pro"}');
    writeFileSync(join(folder, 'list.json'), '[]');
    assert.deepEqual(readJsonObject(' {"plan":"pro"}', '--input'), readJsonObject(join(folder, 'input.json'), '--input'));
    assert.throws(() => readJsonObject('{bad', '--input'), /--input is not JSON/);
    assert.throws(() => readJsonObject(join(folder, 'list.json'), '--input'), /list\.json of --input is not a JSON object/);
  });

  it('finds runs by what the API calls its conditions', () => {
    const now = Date.parse('2026-11-22T08:00:00Z');
    assert.deepEqual(readRunFilter({ pipeline: 'welcome', version: 0, from: '1d', to: '2026-11-22', broadcast: 'b', parent: 'p' }, now), {
      pipeline: 'welcome',
      version: 0,
      from: '2026-11-21T08:00:00.000Z',
      to: '2026-11-22T00:00:00.000Z',
      broadcastId: 'b',
      parentId: 'p',
    });
    assert.deepEqual(readRunFilter({}, now), {});
    assert.throws(() => readRunFilter({ to: 'soon' }, now), /--to is a date/);
  });
});
