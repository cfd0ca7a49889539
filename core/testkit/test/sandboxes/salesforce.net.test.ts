import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandboxControl, startSandboxes } from '../../src/sandboxes/index.ts';
import type { Sandboxes } from '../../src/sandboxes/index.ts';

describe('the Salesforce sandbox', function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), 'tendril-salesforce-'));
  let sandboxes: Sandboxes;
  before(async () => {
    sandboxes = await startSandboxes({ folder });
  });
  after(async () => {
    await sandboxes.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(method: string, path: string, body?: object): Promise<{ status: number; body: unknown; limits: string | null }> {
    const { instanceUrl, accessToken } = sandboxes.services.salesforce;
    const response = await fetch(`${instanceUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json(), limits: response.headers.get('sforce-limit-info') };
  }

  async function token(form: Record<string, string>): Promise<{ status: number; body: Record<string, unknown> }> {
    const { loginUrl, clientId, clientSecret } = sandboxes.services.salesforce;
    const response = await fetch(`${loginUrl}/services/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...form }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('gives tokens for the three grants and names what is wrong', async () => {
    const { refreshToken, username, password, instanceUrl } = sandboxes.services.salesforce;
    for (const form of [
      { grant_type: 'refresh_token', refresh_token: refreshToken },
      { grant_type: 'client_credentials' },
      { grant_type: 'password', username, password },
    ]) {
      const { status, body } = await token(form);
      assert.deepEqual([status, body['instance_url'], body['token_type']], [200, instanceUrl, 'Bearer']);
    }
    assert.equal((await token({ grant_type: 'refresh_token', refresh_token: 'x' })).body['error'], 'invalid_grant');
    assert.equal((await token({ grant_type: 'password', username, password: 'x' })).body['error'], 'invalid_grant');
    assert.equal((await token({ grant_type: 'device' })).body['error'], 'unsupported_grant_type');
    assert.equal((await token({ grant_type: 'client_credentials', client_id: 'x' })).body['error'], 'invalid_client_id');
    assert.equal((await token({ grant_type: 'client_credentials', client_secret: 'x' })).body['error'], 'invalid_client');
  });

  it('creates, finds and answers queries', async () => {
    const lead = { LastName: "O'Neil", Company: 'Shoes', Email: 'o@example.invalid' };
    const created = await ask('PATCH', '/services/data/v63.0/sobjects/Lead/Tendril_Id__c/key%2F1', lead);
    assert.equal(created.status, 201);
    assert.match(created.limits ?? '', /^api-usage=\d+\/\d+$/);
    const found = await ask('GET', '/services/data/v63.0/sobjects/Lead/Tendril_Id__c/key%2F1');
    assert.equal((found.body as Record<string, unknown>)['LastName'], "O'Neil");
    const query = async (soql: string): Promise<unknown> =>
      (await ask('GET', `/services/data/v63.0/query?q=${encodeURIComponent(soql)}`)).body;
    const byName = (await query("SELECT Id, Email FROM Lead WHERE LastName = 'O\\'Neil'")) as {
      totalSize: number;
      records: Record<string, unknown>[];
    };
    assert.deepEqual([byName.totalSize, byName.records[0]?.['Email']], [1, lead.Email]);
    assert.equal(((await query('SELECT COUNT() FROM Lead')) as { totalSize: number }).totalSize, 1);
    assert.equal(((await query('DELETE FROM Lead')) as { errorCode: string }[])[0]?.errorCode, 'MALFORMED_QUERY');
    assert.equal((await ask('GET', '/services/data/v63.0/sobjects/Lead/00Q000000000000EAA')).status, 404);
    assert.equal((await ask('GET', '/services/data/v63.0/sobjects/Account/1')).status, 404);
  });

  it('plays faults in the order in which they were asked for, and refuses unknown ones', async () => {
    const control = createSandboxControl(sandboxes.services.salesforce.url);
    await control.fault('lock_row', { count: 2 });
    await control.fault('unavailable');
    const statuses: number[] = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await ask('GET', '/services/data/v63.0/limits')).status);
    assert.deepEqual(statuses, [400, 400, 503, 200]);
    const response = await fetch(`${sandboxes.services.salesforce.url}/_sandbox/faults`, { method: 'POST', body: '{"kind":"earthquake"}' });
    assert.equal(response.status, 400);
  });

  it('lives through malformed requests', async () => {
    const { instanceUrl, accessToken } = sandboxes.services.salesforce;
    const patch = (body: string): Promise<Response> =>
      fetch(`${instanceUrl}/services/data/v63.0/sobjects/Lead/Tendril_Id__c/x`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${accessToken}` },
        body,
      });
    for (const body of ['', '{', '[]', 'null', '"text"', '{"LastName":{"a":1}}']) assert.equal((await patch(body)).status, 400, body);
    assert.equal(
      (
        await fetch(`${instanceUrl}/services/data/v63.0/sobjects/Lead/Tendril_Id__c/%E0%A4%A`, {
          headers: { authorization: `Bearer ${accessToken}` },
        }).catch(() => ({ status: 0 }))
      ).status,
      0,
    );
    assert.equal((await ask('GET', '/services/data/v63.0/limits')).status, 200);
  });
});
