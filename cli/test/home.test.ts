import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findHome, findHubHome, isAlive, prepareFolder, readJson, readMasterKey, rememberHome, writePrivately } from '../src/home.ts';

describe('the data folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tendril-home-'));
  after(() => rmSync(folder, { recursive: true }));
  const newHome = (name: string) => findHome({ TENDRIL_HOME: join(folder, name) });

  it('is the one that TENDRIL_HOME names, or .tendril here', () => {
    assert.equal(findHome({}).folder, resolve('.tendril'));
    assert.equal(findHome({ TENDRIL_HOME: '/data' }).keyFile, '/data/master.key');
    assert.equal(findHome({ TENDRIL_HOME: '/data', TENDRIL_MASTER_KEY_FILE: '/keys/one' }).keyFile, '/keys/one');
  });

  it('is for commands elsewhere that of the hub that was started last', () => {
    const environment = { XDG_STATE_HOME: join(folder, 'state') };
    assert.equal(findHubHome(environment).folder, resolve('.tendril'));
    const started = newHome('started');
    prepareFolder(started.folder);
    rememberHome(started, { ...environment, TENDRIL_HOME: started.folder });
    assert.equal(findHubHome(environment).folder, resolve('.tendril'), 'one that was named is not remembered');
    rememberHome(started, environment);
    assert.equal(findHubHome(environment).folder, started.folder);
    assert.equal(findHubHome({ ...environment, TENDRIL_HOME: '/data' }).folder, '/data');
    rmSync(started.folder, { recursive: true });
    assert.equal(findHubHome(environment).folder, resolve('.tendril'));
  });

  it('gets a master key at the first start, and keeps it', () => {
    const home = newHome('first');
    const key = readMasterKey(home, {}, false);
    assert.equal(key.length, 32);
    assert.deepEqual(Buffer.from(readMasterKey(home, {}, true)), Buffer.from(key));
    assert.equal(statSync(home.keyFile).mode & 0o777, 0o600);
  });

  it('takes a master key from the environment, of the right length only', () => {
    const home = newHome('given');
    const given = Buffer.alloc(32, 5);
    assert.deepEqual(Buffer.from(readMasterKey(home, { TENDRIL_MASTER_KEY: given.toString('base64') }, true)), given);
    assert.throws(() => readMasterKey(home, { TENDRIL_MASTER_KEY: 'c2hvcnQ=' }, false), { code: 'CONFIG_INVALID' });
  });

  it('makes no master key in production, nor beside data that another one sealed', () => {
    assert.throws(() => readMasterKey(newHome('production'), {}, true), { code: 'CONFIG_INVALID' });
    const home = newHome('sealed');
    mkdirSync(home.folder);
    writeFileSync(join(home.folder, 'state.db'), '');
    assert.throws(() => readMasterKey(home, {}, false), { code: 'CONFIG_INVALID' });
  });

  it('is made for its owner alone; what cannot be one is refused', () => {
    const made = join(folder, 'a', 'b');
    prepareFolder(made);
    assert.equal(statSync(made).mode & 0o777, 0o700);
    const file = join(folder, 'file');
    writeFileSync(file, '');
    assert.throws(() => prepareFolder(file), { code: 'CONFIG_INVALID' });
    assert.throws(() => prepareFolder(join(file, 'below')), { code: 'CONFIG_INVALID' });
  });

  it('holds files that a death left half-written, which count as none', () => {
    const path = join(folder, 'some.json');
    assert.equal(readJson(path), undefined);
    writePrivately(path, '{"a":1}');
    assert.deepEqual(readJson(path), { a: 1 });
    assert.equal(readFileSync(path, 'utf8'), '{"a":1}');
    writeFileSync(path, '{"a":');
    assert.equal(readJson(path), undefined);
  });

  it('writes past what another process is writing, and leaves nothing when it cannot', () => {
    const { folder: place } = newHome('shared');
    mkdirSync(join(place, 'taken.json'), { recursive: true });
    // What another one is at.
    mkdirSync(join(place, 'state.json.new'));
    writePrivately(join(place, 'state.json'), '{"a":1}');
    assert.deepEqual(readJson(join(place, 'state.json')), { a: 1 });
    assert.throws(() => writePrivately(join(place, 'taken.json'), '{}'));
    assert.deepEqual(readdirSync(place).toSorted(), ['state.json', 'state.json.new', 'taken.json']);
  });

  it('tells processes that live from those that do not', () => {
    assert.equal(isAlive(process.pid), true);
    assert.equal(isAlive(2 ** 30), false);
  });
});
