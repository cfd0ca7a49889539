import assert from 'node:assert/strict';
import { fromDraft, toConsentDraft, toDraft } from '../src/screens/imports/mapping-draft.ts';

describe('what the columns of an import mean', () => {
  it('makes nobody agree by a column that tells who unsubscribed', () => {
    const consent = { column: 'Unsubscribed', optOut: ['yes', 'true'] };
    const suggestion = { mapping: { Email: 'email' }, types: {}, items: [], consent };
    const words = toConsentDraft(consent);
    assert.deepEqual([words.optIn, words.optOut], ['', 'yes, true']);
    assert.deepEqual(fromDraft(toDraft(['Email', 'Unsubscribed'], suggestion), words).consent, {
      column: 'Unsubscribed',
      optOut: ['yes', 'true'],
      purposes: ['marketing'],
    });
  });

  it('begins with common words where nothing was proposed', () => {
    assert.deepEqual(toConsentDraft(undefined), { optIn: 'yes, true, 1', optOut: 'no, false, 0', purpose: 'marketing' });
  });
});
