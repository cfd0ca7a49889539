import { gzipSync } from 'node:zlib';
import { Header, Pax } from 'tar';

/** One entry as an attacker writes it. */
export interface RawEntry {
  readonly path: string;
  readonly content?: string | Buffer;
  /** Type flag of ustar; a file without it. */
  readonly type?: string;
  readonly linkpath?: string;
  readonly mode?: number;
  /** What the header says, whatever the content is. */
  readonly size?: number;
  /** Records of an extended header before it. */
  readonly pax?: Readonly<Record<string, string | number>>;
}

/** A tarball of exactly these entries, checked by nobody. */
export function rawTarball(entries: readonly RawEntry[], tail: Buffer = Buffer.alloc(1024)): Buffer {
  return gzipSync(Buffer.concat([...entries.flatMap(rawEntry), tail]));
}

function rawEntry({ path, content = '', type = '0', linkpath = '', mode = 0o644, size, pax }: RawEntry): readonly Buffer[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const header = new Header({ path: path.slice(0, 99), size: size ?? bytes.length, mode, type: 'File', linkpath, mtime: new Date(0) });
  header.encode();
  const block = header.block ?? Buffer.alloc(512);
  block.write(type, 156, 'latin1');
  // Encoders take off what is not wanted in a name: the bytes are put in as they are.
  block.fill(0, 0, 100).write(path.slice(0, 100), 0, 'utf8');
  if (linkpath !== '') block.fill(0, 157, 257).write(linkpath, 157, 'utf8');
  checksum(block);
  const extension = pax === undefined ? [] : [new Pax(pax).encode()];
  return [...extension, block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}

/** Puts the sum of a header in its place. */
export function checksum(block: Buffer): void {
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
