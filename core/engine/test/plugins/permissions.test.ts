import assert from 'node:assert/strict';
import { describePermissions, diffPermissions, effectivePermissions, permissionsHash } from '../../src/plugins/index.ts';
import type { Permissions } from '../../src/plugins/index.ts';

describe('permissions', () => {
  it('are told in plain words, the gravest first', () => {
    assert.deepEqual(
      describePermissions({
        storage: ['kv'],
        events: { read: ['*'], write: ['Order *', 'Seen'] },
        hosts: ['api.acme.com', '*.acme.io', { connectionField: 'url' }, { inputField: '/url' }],
        money: { currencies: ['EUR'] },
        channels: ['email'],
        actions: ['crm.get'],
        connections: ['account'],
        models: ['text'],
        data: ['personal'],
      }),
      [
        'May reach api.acme.com',
        'May reach every host below acme.io',
        'May reach the host that the field url of a connection names',
        'May reach any public address that a pipeline gives it (/url of the input)',
        'May spend money in EUR',
        'May send messages by email',
        'Sees personal data, such as names and addresses',
        'May read every event',
        'May add every event whose name begins with "Order "',
        'May add the event "Seen"',
        'May call the action crm.get',
        'May use the credentials of your account connections',
        'May ask a model to write text',
        'May store small values of its own',
      ],
    );
    assert.deepEqual(describePermissions(undefined), []);
  });

  it('are told so that no name writes lines of its own', () => {
    const write = ['Seen"\n  May store nothing\u001b[2K', 'Paid\u202e'];
    assert.deepEqual(describePermissions({ events: { write }, hosts: [{ inputField: '/a\rMay' }] }), [
      'May reach any public address that a pipeline gives it (/a\\u{d}May of the input)',
      'May add the event "Seen"\\u{a}  May store nothing\\u{1b}[2K"',
      'May add the event "Paid\\u{202e}"',
    ]);
    assert.deepEqual(diffPermissions({}, { events: { read: ['a\nb'] } }).added, ['May read the event "a\\u{a}b"']);
  });

  it('differ in what is wider, not in what is written otherwise', () => {
    const from: Permissions = { hosts: ['*.acme.com'], events: { read: ['Order *'] }, storage: ['kv'] };
    assert.deepEqual(diffPermissions(from, { hosts: ['api.acme.com'], events: { read: ['Order Paid'] }, storage: ['kv'] }).added, []);
    assert.deepEqual(diffPermissions(from, { hosts: ['acme.com'], events: { read: ['*'] } }), {
      added: ['May reach acme.com', 'May read every event'],
      removed: ['May reach every host below acme.com', 'May store small values of its own'],
    });
    assert.deepEqual(diffPermissions(undefined, { money: { currencies: ['EUR'] } }).added, ['May spend money in EUR']);
  });

  it('of a host without a port are the ports of the web, no others', () => {
    const added = (from: string, to: string): readonly string[] => diffPermissions({ hosts: [from] }, { hosts: [to] }).added;
    assert.deepEqual(added('acme.com', 'acme.com:443'), []);
    assert.deepEqual(added('acme.com', 'acme.com:5432'), ['May reach acme.com:5432']);
    assert.deepEqual(added('acme.com:5432', 'acme.com'), ['May reach acme.com']);
    assert.deepEqual(added('*.acme.com', 'evilacme.com'), ['May reach evilacme.com']);
    assert.deepEqual(added('*.acme.com', '*.eu.acme.com'), []);
    assert.deepEqual(added('*.eu.acme.com', '*.acme.com'), ['May reach every host below acme.com']);
  });

  it('are those asked for as far as they are granted, whichever is narrower', () => {
    const asked: Permissions = {
      hosts: ['*.acme.com', 'other.com'],
      events: { read: ['Order Paid', 'Signed Up'], write: ['*'] },
      storage: ['kv', 'tables'],
      money: { currencies: ['EUR', 'USD'] },
      actions: ['crm.get'],
      models: ['text'],
    };
    const grants = {
      hosts: ['eu.acme.com', 'never.asked'],
      events: { read: ['Order *'], write: ['Seen'] },
      storage: ['kv'],
      money: { currencies: ['EUR'] },
    };
    assert.deepEqual(effectivePermissions(asked, grants), {
      hosts: ['eu.acme.com'],
      events: { read: ['Order Paid'], write: ['Seen'] },
      storage: ['kv'],
      money: { currencies: ['EUR'] },
    });
    assert.deepEqual(effectivePermissions(asked, {}), {});
    assert.deepEqual(effectivePermissions(asked, asked as never), asked);
  });

  it('have the same hash in any order, and another when anything is added', () => {
    const one = permissionsHash({ permissions: { hosts: ['a.b', 'c.d'], storage: ['kv'] } });
    assert.equal(permissionsHash({ permissions: { storage: ['kv'], hosts: ['c.d', 'a.b'] } }), one);
    assert.notEqual(permissionsHash({ permissions: { hosts: ['a.b', 'c.d'] } }), one);
    assert.equal(permissionsHash({}), permissionsHash({ permissions: {} }));
  });
});
