import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFromOpenApi, readOperationsOf } from 'create-tendril-plugin';

const DESCRIPTION = {
  openapi: '3.1.0',
  info: { title: 'Acme CRM', version: '1' },
  servers: [{ url: 'https://api.acme.example/v1' }],
  components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
  security: [{ key: [] }],
  paths: {
    '/contacts/{id}': {
      get: {
        operationId: 'getContact',
        summary: 'A contact',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { 200: { description: 'It', content: { 'application/json': { schema: { type: 'object' } } } } },
      },
    },
    '/contacts': {
      post: {
        operationId: 'createContact',
        requestBody: { content: { 'application/json': { schema: { type: 'object', properties: { email: { type: 'string' } } } } } },
        responses: { 201: { description: 'Made' } },
      },
    },
  },
};

describe('createFromOpenApi', () => {
  const root = mkdtempSync(join(tmpdir(), 'tendril-openapi-'));
  const file = join(root, 'acme.json');
  before(() => writeFileSync(file, JSON.stringify(DESCRIPTION)));
  after(() => rmSync(root, { recursive: true, force: true }));

  it('makes a package without code, with what is to be reviewed', async () => {
    const dir = join(root, 'all');
    const { actions, files, packageName, guesses } = await createFromOpenApi({ file, id: 'acme_crm', dir });
    assert.equal(packageName, 'tendril-plugin-acme_crm');
    assert.equal(actions.length, 2);
    assert.ok(guesses > 0);
    assert.deepEqual(files, [
      '.gitignore',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'REVIEW.md',
      'package.json',
      'plugin.json',
      'test/recordings/create_contact/described.json',
      'test/recordings/get_contact/described.json',
    ]);
    const manifest = JSON.parse(readFileSync(join(dir, 'plugin.json'), 'utf8')) as { title: string; $schema: string };
    assert.equal(manifest.title, 'Acme CRM');
    assert.match(manifest.$schema, /plugin\.schema\.json$/);
    assert.match(readFileSync(join(dir, 'README.md'), 'utf8'), /^# Acme CRM\n\nActions of Acme CRM .*made of acme\.json/);
  });

  it('takes the operations that are chosen', async () => {
    const [first] = await readOperationsOf(file);
    const { actions } = await createFromOpenApi({ file, id: 'acme_one', dir: join(root, 'one'), operations: [first?.id ?? ''] });
    assert.deepEqual(actions, [first?.id]);
  });

  it('makes nothing of what is no description, for a bad id, or in a folder that is not empty', async () => {
    const dir = join(root, 'never');
    const other = join(root, 'other.json');
    writeFileSync(other, '{"hello": 1}');
    await assert.rejects(createFromOpenApi({ file: other, id: 'acme', dir }), { name: 'CannotCreate' });
    await assert.rejects(createFromOpenApi({ file: join(root, 'none.json'), id: 'acme', dir }), { code: 'ENOENT' });
    await assert.rejects(createFromOpenApi({ file, id: 'Acme', dir }), /`acme` would do/);
    await assert.rejects(createFromOpenApi({ file, id: 'acme', dir, operations: ['nothing'] }), /No operation is called `nothing`/);
    await assert.rejects(createFromOpenApi({ file, id: 'acme', dir: root }), /is not empty/);
    assert.ok(!existsSync(dir));
  });
});
