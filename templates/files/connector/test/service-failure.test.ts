import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeCall } from '@tendril/testkit';
import { createContact } from '../src/actions/create-contact.ts';

describe('{{id}}.create_contact', () => {
  const create = (status: number, headers: Record<string, string> = {}) =>
    createContact(
      { email: 'ada@example.invalid' },
      fakeCall({ now: Date.UTC(2026, 0, 1), fetch: () => new Response('{}', { status, headers }) }),
    );

  it('says why the service did not take it', async () => {
    await assert.rejects(create(401), { code: 'UPSTREAM_UNAUTHORIZED' });
    await assert.rejects(create(422), { code: 'UPSTREAM_REJECTED', details: { status: 422 } });
    await assert.rejects(create(500), { code: 'UPSTREAM_UNAVAILABLE', details: { status: 500 } });
  });

  it('says when the service wants to be asked again', async () => {
    const soon = { status: 429, retryAfterMs: 7000 };
    await assert.rejects(create(429, { 'retry-after': '7' }), { code: 'UPSTREAM_THROTTLED', details: soon });
    const later = { status: 503, retryAfterMs: 30_000 };
    await assert.rejects(create(503, { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }), { code: 'UPSTREAM_UNAVAILABLE', details: later });
  });

  it('does not take an answer of another shape for a contact', async () => {
    await assert.rejects(create(201), { code: 'UPSTREAM_UNAVAILABLE' });
  });
});
