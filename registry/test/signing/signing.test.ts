import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import {
  addRootSignature,
  createRoot,
  createSigningKey,
  isVersionSignedBy,
  keyIdOf,
  readSigningKey,
  rootFingerprint,
  rootProblem,
  rotateRoot,
  signVersion,
} from '@tendril/registry';
import type { RegistryRoot } from '@tendril/schemas';
import { DAY_MS, NOW, role, sampleKeys, sampleRoot } from '../support/sample-registry.ts';

const later = { createdAt: NOW, expiresAt: new Date(NOW.getTime() + DAY_MS) };
const version = { id: 'acme_crm', version: '1.0.0', integrity: 'sha512-x' };

describe('the signature of a version', () => {
  const { key, pem } = createSigningKey();

  it('holds for exactly this version and key', () => {
    const signature = signVersion(version, key);
    assert.ok(isVersionSignedBy(version, signature, key.public));
    assert.ok(!isVersionSignedBy({ ...version, version: '1.0.1' }, signature, key.public));
    assert.ok(!isVersionSignedBy({ ...version, id: 'acme' }, signature, key.public));
    assert.ok(!isVersionSignedBy({ ...version, integrity: 'sha512-y' }, signature, key.public));
    assert.ok(!isVersionSignedBy(version, signature, createSigningKey().key.public));
    assert.ok(
      !isVersionSignedBy(
        version,
        { ...signature, value: signature.value.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')) },
        key.public,
      ),
    );
    assert.ok(!isVersionSignedBy(version, { ...signature, value: '' }, key.public));
    assert.ok(!isVersionSignedBy(version, signature, 'AAAA'));
  });

  it('is the same from the key that was kept in a file, and any other text is no key', () => {
    assert.deepEqual(signVersion(version, readSigningKey(pem, 'mine.pem')), signVersion(version, key));
    for (const text of ['', 'no key', pem.replace('PRIVATE', 'PUBLIC')])
      assert.throws(
        () => readSigningKey(text, 'mine.pem'),
        (error) => TendrilError.is(error) && error.code === 'INPUT_INVALID' && error.details['file'] === 'mine.pem',
      );
  });

  it('knows a public key by the hash of its bytes', () => {
    // RFC 8032, section 7.1, test 1
    assert.equal(
      keyIdOf('11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='),
      '21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9',
    );
  });
});

describe('the root of a registry', () => {
  it('is trusted by a threshold of its own keys, of which each counts once', () => {
    const [one, two, three] = [createSigningKey().key, createSigningKey().key, createSigningKey().key];
    const plan = { registry: 'x.example', ...later, root: { publicKeys: [one.public, two.public], threshold: 2 }, index: role(three) };
    const root = createRoot(plan, [one]);
    assert.match(rootProblem(root) ?? '', /signed by 1 of its own root keys; 2 are needed/);
    const twice: RegistryRoot = { ...root, signatures: [root.signatures[0], root.signatures[0]] };
    assert.match(rootProblem(twice) ?? '', /signed by 1/);
    assert.match(rootProblem(addRootSignature(root, three)) ?? '', /signed by 1/);
    const complete = addRootSignature(root, two);
    assert.equal(rootProblem(complete), undefined);
    assert.equal(addRootSignature(complete, two).signatures.length, 2);
  });

  it('does not count one key under two ids', () => {
    const { key } = createSigningKey();
    const root = createRoot({ registry: 'x.example', ...later, root: role(key), index: role(key) }, [key]);
    const alias = '0'.repeat(64);
    const signed = {
      ...root.signed,
      keys: { ...root.signed.keys, [alias]: { type: 'ed25519' as const, public: key.public } },
      roles: { ...root.signed.roles, root: { keyIds: [key.keyId, alias] as [string, string], threshold: 2 } },
    };
    const [first] = addRootSignature({ ...root, signed, signatures: [{ keyId: 'none', value: '' }] }, key).signatures.slice(1);
    assert.ok(first);
    assert.match(rootProblem({ signed, signatures: [first, { ...first, keyId: alias }] }) ?? '', /signed by 1/);
  });

  it('cannot ask for more signatures than it has keys', () => {
    const { key } = createSigningKey();
    assert.throws(
      () => createRoot({ registry: 'x', ...later, root: { publicKeys: [key.public, key.public], threshold: 2 }, index: role(key) }, [key]),
      TendrilError,
    );
  });

  it('is followed by one that old and new keys have signed', () => {
    const keys = sampleKeys();
    const first = sampleRoot(keys);
    const next = createSigningKey().key;
    const plan = { ...later, root: role(next), index: role(keys.index) };
    const second = rotateRoot(first, plan, [keys.root, next]);
    assert.equal(rootProblem(second, first), undefined);
    assert.match(rootProblem(rotateRoot(first, plan, [next]), first) ?? '', /0 of the root keys of version 1/);
    assert.match(rootProblem(rotateRoot(first, plan, [keys.root]), first) ?? '', /0 of its own root keys/);
    assert.match(rootProblem(rotateRoot(second, plan, [next]), first) ?? '', /version 3 does not follow 1/);
    assert.match(rootProblem(first, second) ?? '', /version 1 does not follow 2/);
    assert.match(rootProblem(sampleRoot(keys, 'other.example'), first) ?? '', /root of other.example, not of plugins.example.org/);
    assert.notEqual(rootFingerprint(first), rootFingerprint(second));
  });
});
