import assert from 'node:assert/strict';
import { createHmac, createSecretKey, randomBytes, webcrypto } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import { indexHash, open, seal } from '../../src/vault/seal.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const isCode = (code: string) => (error: unknown) => TendrilError.is(error) && error.code === code;

describe('seal', () => {
  const key = randomBytes(32);

  it('opens what it sealed, text and bytes, empty too', () => {
    for (const text of ['', 'a', 'Ünïcode 🌱', 'x'.repeat(70_000)]) {
      assert.equal(open(seal(text, key, 'place'), key, 'place').toString(), text);
      assert.deepEqual(open(seal(Buffer.from(text), createSecretKey(key), Buffer.from('place')), key, 'place'), Buffer.from(text));
    }
  });

  it('opens the vectors of the GCM specification (McGrew and Viega, test cases 14 and 16)', () => {
    const zero = Buffer.concat([Buffer.alloc(12), hex('cea7403d4d606b6e074ec5d3baf39d18'), hex('d0d1c8a799996bf0265b98b5d48ab919')]);
    assert.deepEqual(open(zero, Buffer.alloc(32), ''), Buffer.alloc(16));
    const sealed = Buffer.concat([
      hex('cafebabefacedbaddecaf888'),
      hex(`522dc1f099567d07f47f37a32a84427d 643a8cdcbfe5c0c97598a2bd2555d1aa
           8cb08e48590dbb3da7b08b1056828838 c5f61e6393ba7a0abcc9f662`),
      hex('76fc6ece0f4e1768cddf8853bb2d551b'),
    ]);
    const caseKey = hex('feffe9928665731c6d6a8f9467308308 feffe9928665731c6d6a8f9467308308');
    const plaintext = open(sealed, caseKey, hex('feedfacedeadbeeffeedfacedeadbeefabaddad2'));
    assert.deepEqual(
      plaintext,
      hex(`d9313225f88406e5a55909c5aff5269a 86a7a9531534f7da2e4c303d8a318a72
           1c3c0c95956809532fcf0e2449a6b525 b16aedf5aa0de657ba637b39`),
    );
  });

  it('seals so that another implementation opens it', async () => {
    const sealed = new Uint8Array(seal('across', key, 'place'));
    const imported = await webcrypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
    const parameters = { name: 'AES-GCM', iv: sealed.subarray(0, 12), additionalData: Buffer.from('place') };
    const opened = await webcrypto.subtle.decrypt(parameters, imported, sealed.subarray(12));
    assert.equal(Buffer.from(opened).toString(), 'across');
  });

  it('never uses a nonce twice, past the end of its supply too', () => {
    const nonces = new Set(Array.from({ length: 5_000 }, () => seal('', key, '').toString('hex', 0, 12)));
    assert.equal(nonces.size, 5_000);
  });

  it('refuses every changed byte, another key, another place, and what is too short', () => {
    const sealed = seal('secret', key, 'place');
    for (let i = 0; i < sealed.length; i += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
      assert.throws(() => open(changed, key, 'place'), isCode('VAULT_TAMPERED'));
    }
    assert.throws(() => open(sealed, randomBytes(32), 'place'), isCode('VAULT_TAMPERED'));
    assert.throws(() => open(sealed, key, 'elsewhere'), isCode('VAULT_TAMPERED'));
    assert.throws(() => open(sealed.subarray(0, 20), key, 'place'), isCode('VAULT_TAMPERED'));
    assert.throws(() => open(sealed, undefined, 'place'), isCode('VAULT_KEY_MISSING'));
  });
});

describe('indexHash', () => {
  it('is the beginning of HMAC-SHA-256', () => {
    const key = randomBytes(32);
    assert.deepEqual(indexHash(key, 'userId:7'), createHmac('sha256', key).update('userId:7').digest().subarray(0, 16));
    assert.notDeepEqual(indexHash(key, 'userId:7'), indexHash(randomBytes(32), 'userId:7'));
  });
});
