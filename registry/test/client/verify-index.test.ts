import assert from 'node:assert/strict';
import { TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import { createRegistryClient, createSigningKey, offerRoot, rotateRoot } from '@tendril/registry';
import type { Refreshed, RegistryState } from '@tendril/registry';
import type { RegistryIndex, RegistryRoot } from '@tendril/schemas';
import { signStatement } from '../../src/signing/sign.ts';
import { DAY_MS, NOW, role, sampleFolder, sampleIndex, sampleKeys, sampleOutput, sampleRoot } from '../support/sample-registry.ts';
import type { SampleFolder } from '../support/sample-registry.ts';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const noFetch = (): Promise<Response> => Promise.reject(new Error('this registry is a folder'));

const fails = (code: ErrorCode, reason: RegExp) => (error: unknown) => {
  assert.ok(TendrilError.is(error), String(error));
  assert.equal(error.code, code);
  assert.match(JSON.stringify(error.details), reason);
  return true;
};

describe('a client of a registry', () => {
  const keys = sampleKeys();
  const root = sampleRoot(keys);
  let folder: SampleFolder;
  let out: string;
  const outs: string[] = [];

  before(async () => {
    folder = await sampleFolder();
  });
  after(async () => {
    await folder.remove();
    for (const path of outs) await rm(path, { recursive: true, force: true });
  });

  const serve = async (index: RegistryIndex, roots: readonly RegistryRoot[] = [root]): Promise<void> => {
    out = await sampleOutput(folder.path, index, roots);
    outs.push(out);
  };
  const refresh = (state?: RegistryState, { now = NOW.getTime(), mayBeExpired = false, pinned = root } = {}): Promise<Refreshed> =>
    createRegistryClient({
      name: 'main',
      address: out,
      fetch: noFetch,
      rootPinned: pinned,
      state,
      contractVersion: '0.1.0',
      now: () => now,
      mayBeExpired,
    }).refresh();
  const index = (more: Partial<Parameters<typeof sampleIndex>[0]> = {}): RegistryIndex =>
    sampleIndex({ root, keys: [keys.index], ...more });

  it('takes an index that is signed as its root says, and remembers it', async () => {
    await serve(index());
    const { state, isNew } = await refresh();
    assert.ok(isNew);
    assert.equal(state.index?.sequence, NOW.getTime() / 1000);
    assert.equal((await refresh(state)).isNew, false);
  });

  it('refuses an index rolled back by a month', async () => {
    await serve(index());
    const { state } = await refresh();
    const monthAgo = new Date(NOW.getTime() - 30 * DAY_MS);
    await serve(index({ createdAt: monthAgo, days: 60 }));
    await assert.rejects(refresh(state), fails('REGISTRY_STALE', /older index is served than was seen before/));
    await assert.rejects(refresh(state, { mayBeExpired: true }), fails('REGISTRY_STALE', /older index/));
  });

  it('refuses an index that has expired, unless the operator says so', async () => {
    await serve(index());
    const frozen = { now: NOW.getTime() + 15 * DAY_MS };
    await assert.rejects(refresh(undefined, frozen), fails('REGISTRY_STALE', /keeps newer files from you.*--allow-expired/));
    await assert.doesNotReject(refresh(undefined, { ...frozen, mayBeExpired: true }));
    await assert.rejects(refresh(undefined, { now: NOW.getTime() + 400 * DAY_MS }), fails('REGISTRY_STALE', /1\.root\.json/));
  });

  it('refuses a signature by the wrong key, and one over other content', async () => {
    const thief = createSigningKey().key;
    const stolen = sampleIndex({ root: sampleRoot({ root: keys.root, index: thief }), keys: [thief] });
    await serve(stolen);
    await assert.rejects(refresh(), fails('REGISTRY_UNTRUSTED', /signed by 0 of the keys/));
    const good = index();
    await serve({ ...good, signed: { ...good.signed, sequence: good.signed.sequence + 1 } });
    await assert.rejects(refresh(), fails('REGISTRY_UNTRUSTED', /signed by 0/));
    // The key of the root signs roots, not indexes.
    await serve(sampleIndex({ root: sampleRoot({ root: keys.root, index: keys.root }), keys: [keys.root] }));
    await assert.rejects(refresh(), fails('REGISTRY_UNTRUSTED', /signed by 0/));
  });

  it('refuses an index that fewer than the threshold have signed, however often one did', async () => {
    const second = createSigningKey().key;
    const plan = { createdAt: NOW, expiresAt: new Date(NOW.getTime() + DAY_MS), root: role(keys.root), index: role(keys.index, second) };
    const two = rotateRoot(root, plan, [keys.root]);
    const whole = sampleIndex({ root: two, keys: [keys.index, second] });
    const [one] = whole.signatures;
    await serve({ ...whole, signatures: [one, one, one] }, [root, two]);
    await assert.rejects(refresh(), fails('REGISTRY_UNTRUSTED', /signed by 1 of the keys that the root names; 2 are needed/));
    await serve(whole, [root, two]);
    await assert.doesNotReject(refresh());
    assert.throws(() => sampleIndex({ root: two, keys: [keys.index] }), fails('REGISTRY_UNTRUSTED', /2 are needed/));
  });

  it('refuses another index under a number that it has seen', async () => {
    await serve(index());
    const { state } = await refresh();
    await serve(index({ days: 20 }));
    await assert.rejects(refresh(state), fails('REGISTRY_INVALID', /another index was seen under the same number/));
  });

  it('refuses the index of another registry, even when the same key has signed it', async () => {
    const other = sampleRoot(keys, 'other.example.org');
    await serve(sampleIndex({ root: other, keys: [keys.index] }));
    await assert.rejects(refresh(), fails('REGISTRY_UNTRUSTED', /index of other.example.org, not of plugins.example.org/));
  });

  it('refuses a damaged, a truncated and a huge index', async () => {
    await serve(index());
    const path = join(out, 'index.json');
    for (const text of [
      '',
      '{',
      '[]',
      '{"signed":{},"signatures":[]}',
      '{"signed":{},"signatures":[1]}',
      JSON.stringify(index()).slice(0, -20),
    ]) {
      await writeFile(path, text);
      await assert.rejects(refresh(), fails('REGISTRY_INVALID', /index\.json/));
    }
    await writeFile(path, Buffer.from([0x7b, 0xff, 0x7d]));
    await assert.rejects(refresh(), fails('REGISTRY_INVALID', /no JSON/));
    await writeFile(path, `{"signed":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)},"signatures":[{"keyId":"x","value":"y"}]}`);
    await assert.rejects(refresh(), fails('REGISTRY_INVALID', /no canonical form/));
    await rm(path);
    await assert.rejects(refresh(), fails('REGISTRY_UNREACHABLE', /not there/));
  });

  it('refuses a signed index that holds an id with a foreign letter', async () => {
    const entry = await folder.publish({}, keys.author);
    await serve(sampleIndex({ root, keys: [keys.index], entries: { acme_crm: entry } }));
    await assert.doesNotReject(refresh());
    const good = index({ entries: { acme_crm: entry } });
    const signed = { ...good.signed, plugins: { аcme_crm: entry } };
    await writeFile(join(out, 'index.json'), JSON.stringify({ signed, signatures: [signStatement(signed, keys.index)] }));
    await assert.rejects(refresh(), fails('REGISTRY_INVALID', /plugins/));
  });

  describe('when the root changes', () => {
    const next = createSigningKey().key;
    const plan = { createdAt: NOW, expiresAt: new Date(NOW.getTime() + 700 * DAY_MS), root: role(next), index: role(keys.index) };
    const second = rotateRoot(root, plan, [keys.root, next]);

    it('follows one that the keys before it have signed, over several versions', async () => {
      const third = rotateRoot(second, plan, [next]);
      await serve(sampleIndex({ root: third, keys: [keys.index] }), [root, second, third]);
      assert.equal((await refresh()).state.root.signed.version, 3);
    });

    it('keeps a new root although the index beside it is refused', async () => {
      await serve(sampleIndex({ root: second, keys: [keys.index] }), [root, second]);
      await writeFile(join(out, 'index.json'), '{}');
      const client = createRegistryClient({
        name: 'main',
        address: out,
        fetch: noFetch,
        rootPinned: root,
        contractVersion: '0.1.0',
        now: () => NOW.getTime(),
      });
      await assert.rejects(client.refresh(), fails('REGISTRY_INVALID', /signed/));
      assert.equal(client.state()?.root.signed.version, 2);
    });

    it('refuses one that its new keys alone have signed', async () => {
      const thief = createSigningKey().key;
      const forged = rotateRoot(root, { ...plan, root: role(thief), index: role(thief) }, [thief]);
      await serve(sampleIndex({ root: forged, keys: [thief] }), [root, forged]);
      await assert.rejects(refresh(), fails('REGISTRY_UNTRUSTED', /0 of the root keys of version 1/));
    });

    it('refuses a version that is skipped or named wrongly', async () => {
      const third = rotateRoot(second, plan, [next]);
      await serve(index(), [root]);
      await writeFile(join(out, '2.root.json'), JSON.stringify(third));
      await assert.rejects(refresh(), fails('REGISTRY_UNTRUSTED', /0 of the root keys|does not follow/));
      await writeFile(join(out, '2.root.json'), JSON.stringify(root));
      await assert.rejects(refresh(), fails('REGISTRY_UNTRUSTED', /version 1 does not follow 1/));
    });

    it('keeps a root that it has seen although an older one is pinned', async () => {
      await serve(sampleIndex({ root: second, keys: [keys.index] }), [root, second]);
      const { state } = await refresh();
      await serve(index(), [root]);
      await rm(join(out, 'root.json'));
      assert.equal((await refresh(state)).state.root.signed.version, 2);
    });

    it('forgets the last number when the keys of the index were replaced: a thief may have signed an enormous one', async () => {
      const fresh = createSigningKey().key;
      const replaced = rotateRoot(root, { ...plan, root: role(keys.root), index: role(fresh) }, [keys.root]);
      await serve(index({ previousSequence: 4_000_000_000 }));
      const { state } = await refresh();
      await serve(sampleIndex({ root: replaced, keys: [fresh] }), [root, replaced]);
      assert.equal((await refresh(state)).state.index?.sequence, NOW.getTime() / 1000);
    });
  });

  describe('with a copy of the index', () => {
    it('takes the one that it verified and no other, until that expires', async () => {
      await serve(index());
      const { state, indexBytes } = await refresh();
      const client = (now: number) =>
        createRegistryClient({
          name: 'main',
          address: out,
          fetch: noFetch,
          rootPinned: root,
          state,
          contractVersion: '0.1.0',
          now: () => now,
        });
      assert.equal(client(NOW.getTime()).load(indexBytes), true);
      assert.equal(client(NOW.getTime()).load(Buffer.concat([indexBytes, Buffer.from(' ')])), false);
      assert.throws(() => client(NOW.getTime() + 30 * DAY_MS).load(indexBytes), fails('REGISTRY_STALE', /expiredAt/));
      assert.throws(() => client(NOW.getTime()).index(), fails('REGISTRY_STALE', /not fetched yet/));
    });
  });

  describe('that is being added', () => {
    it('shows who has signed the root, and refuses others than were named', () => {
      const offered = offerRoot(root, NOW.getTime(), [keys.root.keyId]);
      assert.deepEqual(offered.signers, [keys.root.keyId]);
      assert.match(offered.fingerprint, /^[0-9a-f]{64}$/);
      assert.throws(
        () => offerRoot(root, NOW.getTime(), [keys.index.keyId]),
        fails('REGISTRY_UNTRUSTED', /not signed by the keys that you named/),
      );
      assert.throws(
        () => offerRoot({ ...root, signatures: [{ keyId: keys.root.keyId, value: `${'A'.repeat(86)}==` }] }, NOW.getTime()),
        fails('REGISTRY_UNTRUSTED', /signed by 0/),
      );
      assert.throws(() => offerRoot(root, NOW.getTime() + 500 * DAY_MS), fails('REGISTRY_STALE', /expired/));
    });
  });
});
