import type { ByteStreams } from '../protocol/byte-streams.ts';
import type { Asking } from './asking.ts';
import type { Transport } from './transport.ts';

/** What the calls of a plugin's process share. */
export interface ChildHost {
  readonly plugin: string;
  readonly tables: ReadonlySet<string>;
  readonly transport: Transport;
  readonly asking: Asking;
  readonly streams: ByteStreams;
  /** The number of a new stream. */
  nextStream(): number;
}
