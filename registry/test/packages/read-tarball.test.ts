import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, createGzip, gunzipSync, gzipSync } from 'node:zlib';
import { TendrilError } from '@tendril/plugin-api';
import fc from 'fast-check';
import { integrityOf, PACKAGE_LIMITS, readTarball, writeTarball } from '@tendril/registry';
import { rawTarball } from './hostile-archive.ts';
import type { RawEntry } from './hostile-archive.ts';

const SOUND: RawEntry = { path: 'package/package.json', content: '{}' };

async function reasonOf(bytes: Buffer | Promise<Buffer>, limits = PACKAGE_LIMITS): Promise<string> {
  try {
    await readTarball(await bytes, limits);
  } catch (error) {
    assert.ok(TendrilError.is(error) && error.code === 'PACKAGE_INVALID', String(error));
    return String(error.details['reason']);
  }
  return assert.fail('it was read');
}

describe('a tarball', () => {
  it('is read without its folder at the top, and pinned by its bytes', async () => {
    const bytes = rawTarball([
      { path: 'package/', type: '5' },
      { path: 'package/dist/index.js', content: 'export {};', mode: 0o6755 },
      SOUND,
    ]);
    const { files, integrity, sizeBytes } = await readTarball(bytes);
    assert.deepEqual([...files.keys()], ['dist/index.js', 'package.json']);
    assert.equal(files.get('dist/index.js')?.toString(), 'export {};');
    assert.equal(integrity, integrityOf(bytes));
    assert.match(integrity, /^sha512-.{86}==$/);
    assert.equal(sizeBytes, bytes.length);
  });

  it('takes long names as npm and as GNU tar write them', async () => {
    const long = `package/${'a'.repeat(90)}/${'b'.repeat(90)}.js`;
    const { files } = await readTarball(
      rawTarball([
        { path: 'package/short.js', pax: { path: long }, content: 'pax' },
        { path: '././@LongLink', type: 'L', content: `${long}2\0` },
        { path: 'package/short.js', content: 'gnu' },
      ]),
    );
    assert.deepEqual(
      [...files].map(([path, content]) => [path.length, content.toString()]),
      [
        [184, 'pax'],
        [185, 'gnu'],
      ],
    );
  });

  it('is read from a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tendril-tarball-'));
    try {
      await writeFile(join(folder, 'a.tgz'), rawTarball([SOUND]));
      assert.equal((await readTarball(join(folder, 'a.tgz'))).files.size, 1);
      await assert.rejects(readTarball(folder), { code: 'PACKAGE_INVALID' });
      await assert.rejects(readTarball(join(folder, 'none.tgz')), { code: 'ENOENT' });
      await writeFile(join(folder, 'large.tgz'), Buffer.alloc(2000));
      await assert.rejects(readTarball(join(folder, 'large.tgz'), { ...PACKAGE_LIMITS, compressedBytes: 1000 }), {
        code: 'PACKAGE_INVALID',
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('comes out as it went in, with the same bytes for the same files', async () => {
    const name = fc.stringMatching(/^[a-z0-9_]{1,60}$/).filter((text) => !/^(?:con|prn|aux|nul|com\d|lpt\d)$/.test(text));
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(path, fc.uint8Array({ maxLength: 1500 })), { minLength: 1, maxLength: 8, selector: ([each]) => each }),
        async (entries) => {
          const isPrefix = entries.some(([one]) => entries.some(([other]) => other.startsWith(`${one}/`)));
          fc.pre(!isPrefix && entries.every(([each]) => each.length < 200));
          const files = new Map(entries.map(([each, content]) => [each, Buffer.from(content)]));
          const bytes = writeTarball(files);
          const read = await readTarball(bytes);
          assert.deepEqual(new Map([...read.files].toSorted()), new Map([...files].toSorted()));
          assert.deepEqual(writeTarball(new Map([...files].toReversed())), bytes);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of other bytes is refused or read, and never breaks the reader', async () => {
    const sound = gunzipSync(rawTarball([SOUND, { path: 'package/a.js', content: 'a' }]));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }), async (changes) => {
        const bytes = Buffer.from(sound);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          await readTarball(gzipSync(bytes));
        } catch (error) {
          assert.ok(TendrilError.is(error) && error.code === 'PACKAGE_INVALID', String(error));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a hostile tarball', () => {
  const paths: Readonly<Record<string, readonly [string, RegExp]>> = {
    'that climbs out': ['package/../../etc/passwd', /out of the package/],
    'that climbs out at its end': ['package/..', /out of the package/],
    'whose top folder climbs': ['../evil.js', /out of the package/],
    'with an absolute path': ['/etc/passwd', /absolute/],
    'with a drive letter': ['package/C:/evil.js', /drive/],
    'with a stream of NTFS': ['package/a.js:evil', /not every system/],
    'with backslashes': ['package\\..\\evil.js', /backslash/],
    'with an escape for terminals': ['package/\u001b[2Ja.js', /control/],
    'with a dot as a part': ['package/./a.js', /empty parts/],
    'with an empty part': ['package//a.js', /empty parts/],
    'with a trailing dot, which Windows drops': ['package/a.js.', /dot or a space/],
    'with a name of a device': ['package/aux.js', /device/],
    'with a file beside the folder': ['package', /beside/],
  };
  for (const [what, [path, reason]] of Object.entries(paths)) {
    it(`${what} is refused`, async () => assert.match(await reasonOf(rawTarball([{ path, content: 'x' }])), reason));
    it(`${what} is refused by an extended header too`, async () =>
      assert.match(await reasonOf(rawTarball([{ path: 'package/a.js', pax: { path }, content: 'x' }])), reason));
  }

  it('with NUL in a path of an extended header is refused', async () =>
    assert.match(await reasonOf(rawTarball([{ path: 'package/a.js', pax: { path: 'package/a.js\0.txt' } }])), /control/));

  const types: Readonly<Record<string, RegExp>> = {
    1: /hard link/,
    2: /symbolic link/,
    3: /device/,
    4: /device/,
    6: /pipe/,
    7: /something else/,
    K: /link/,
    S: /holes/,
    M: /something else/,
  };
  for (const [type, reason] of Object.entries(types)) {
    it(`with an entry of type ${type} is refused`, async () =>
      assert.match(await reasonOf(rawTarball([SOUND, { path: 'package/evil', type, linkpath: '/etc/passwd' }])), reason));
  }

  it('with a link in an extended header is refused', async () =>
    assert.match(await reasonOf(rawTarball([{ path: 'package/a.js', pax: { linkpath: '/etc/passwd' } }])), /link/));

  it('with names that fall together somewhere is refused', async () => {
    const pairs = [
      ['package/a.js', 'package/a.js', /twice/],
      ['package/a.js', 'package/A.js', /only in case/],
      ['package/\u00e9.js', 'package/e\u0301.js', /only in case or spelling/],
      ['package/\ufb01.js', 'package/fi.js', /only in case or spelling/],
      ['package/lib/a.js', 'package/LIB/b.js', /a folder differs/],
      ['package/a', 'package/a/b.js', /same name/],
      ['package/a/b.js', 'package/a', /twice|same name/],
    ] as const;
    for (const [one, other, reason] of pairs)
      assert.match(
        await reasonOf(
          rawTarball([
            { path: one, content: 'x' },
            { path: other, content: 'y' },
          ]),
        ),
        reason,
        `${one} ${other}`,
      );
  });

  it('with two folders at the top is refused', async () =>
    assert.match(await reasonOf(rawTarball([SOUND, { path: 'other/a.js' }])), /one folder/));

  it('with too many, too large, too deep files or too long names is refused', async () => {
    const limits = { ...PACKAGE_LIMITS, files: 3, fileBytes: 10, unpackedBytes: 25, depth: 3, pathBytes: 40 };
    const file = (path: string, bytes = 1): RawEntry => ({ path: `package/${path}`, content: Buffer.alloc(bytes, 'x') });
    assert.match(await reasonOf(rawTarball([file('a', 11)]), limits), /larger than 10/);
    assert.match(await reasonOf(rawTarball([file('a', 9), file('b', 9), file('c', 9)]), limits), /more than 25/);
    assert.match(await reasonOf(rawTarball([file('a'), file('b'), file('c'), file('d')]), limits), /more than 3 files/);
    assert.match(await reasonOf(rawTarball([file('a/b/c/d')]), limits), /3 deep|4 deep/);
    assert.match(await reasonOf(rawTarball([file('a'.repeat(60))]), limits), /longer than 40/);
    assert.match(
      await reasonOf(rawTarball(Array.from({ length: 7 }, (_, index) => ({ path: `package/${String(index)}/`, type: '5' }))), limits),
      /more than 3 files/,
    );
    assert.match(await reasonOf(randomBytes(30), { ...limits, compressedBytes: 29 }), /larger than 29/);
  });

  it('of 10 GB of zeros is stopped early', async function () {
    this.timeout(60_000);
    // 40 MB of zeros compressed, and that again and again: deflate's blocks can be strung together.
    const block = await zeros(40_000_000);
    const bomb = Buffer.concat([gzipSync('').subarray(0, 10), ...Array.from({ length: 250 }, () => block)]);
    assert.ok(bomb.length < PACKAGE_LIMITS.compressedBytes);
    const before = process.memoryUsage.rss();
    assert.match(await reasonOf(bomb), /more than \d+ bytes/);
    assert.ok(process.memoryUsage.rss() - before < 400_000_000);
  });

  it('whose header promises more than there is, or a size that is none, is refused', async () => {
    assert.match(await reasonOf(rawTarball([{ path: 'package/a', size: 50_000 }])), /cut off/);
    assert.match(await reasonOf(rawTarball([{ path: 'package/a', pax: { size: 8_000_000_000 } }])), /cut off/);
    assert.match(await reasonOf(rawTarball([{ path: 'package/a', content: 'abc', pax: { size: 'NaN' } as never }])), /not valid/);
  });

  it('with something behind its end is refused, in the archive and behind the compression', async () => {
    const sound = rawTarball([SOUND]);
    assert.match(await reasonOf(Buffer.concat([sound, Buffer.from('more')])), /behind the end/);
    assert.match(await reasonOf(Buffer.concat([sound, sound])), /behind the end/);
    const hidden = Buffer.concat([Buffer.alloc(1024), gunzipSync(rawTarball([{ path: 'package/hidden.js', content: 'x' }]))]);
    assert.match(await reasonOf(rawTarball([SOUND], hidden)), /behind the end/);
  });

  it('that is cut off, damaged, or none at all is refused', async () => {
    const sound = rawTarball([SOUND, { path: 'package/noise', content: randomBytes(5000) }]);
    for (let at = 1; at < sound.length; at += 97) await reasonOf(sound.subarray(0, at));
    const damaged = Buffer.from(sound);
    damaged[damaged.length - 6] = (damaged[damaged.length - 6] ?? 0) ^ 1;
    assert.match(await reasonOf(damaged), /checksum/);
    assert.match(await reasonOf(Buffer.from('a page of HTML, as a broken server sends')), /no gzip/);
    assert.match(await reasonOf(gzipSync('a text, longer than a block'.repeat(50))), /no tar/);
    assert.match(await reasonOf(gzipSync(Buffer.alloc(1024))), /empty/);
    // What is compressed twice is not looked through.
    assert.match(await reasonOf(gzipSync(gunzipSync(sound).subarray(0, 700))), /cut off/);
    assert.match(await reasonOf(gzipSync(sound)), /no tar|cut off/);
  });
});

/** Deflate's blocks of so many zeros, without an end. */
async function zeros(bytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  gzip.write(Buffer.alloc(bytes));
  await new Promise<void>((resolve) => gzip.flush(constants.Z_FULL_FLUSH, resolve));
  gzip.destroy();
  return Buffer.concat(chunks).subarray(10);
}
