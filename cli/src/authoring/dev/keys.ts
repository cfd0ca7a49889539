import type { ReadStream } from 'node:tty';

/**
 * Calls back for each key that is pressed, until the signal. Ctrl-C is a key then, too.
 *
 * @param input a terminal
 */
export function onKeys(input: ReadStream, signal: AbortSignal, press: (key: string) => void): void {
  const read = (chunk: Buffer): void => {
    for (const key of chunk.toString('utf8')) press(key === '\u0003' || key === '\u0004' ? 'q' : key);
  };
  input.setRawMode(true);
  input.on('data', read);
  input.resume();
  signal.addEventListener('abort', () => {
    input.off('data', read);
    input.setRawMode(false);
    input.pause();
  });
}
