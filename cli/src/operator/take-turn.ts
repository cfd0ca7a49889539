import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { CommandFault, EXIT } from '../failure.ts';
import { isAlive } from '../home.ts';

const MOST_TAKEN_AWAY = 5;
const LOOKS = 25;
const LOOK_AGAIN_MS = 20;

/**
 * Takes a file for this process, and says so in it; what one that died left is taken over.
 *
 * @param patienceMs how long it may be another one's before this gives up
 * @returns how to give it back
 * @throws CommandFault while another process has it
 */
export function takeTurn(file: string, patienceMs = 0): () => void {
  let waitedMs = 0;
  for (let takenAway = 0; ;) {
    if (take(file)) return () => rmSync(file, { force: true });
    const left = readMark(file);
    if (left === undefined) continue;
    if (!isHeld(left) && takenAway < MOST_TAKEN_AWAY) {
      takenAway += 1;
      takeAway(file, left);
      continue;
    }
    if (waitedMs >= patienceMs) throw busy(file, left);
    waitedMs += LOOK_AGAIN_MS;
    waitAMoment();
  }
}

function take(file: string): boolean {
  try {
    const handle = openSync(file, 'wx', 0o600);
    try {
      writeSync(handle, String(process.pid));
    } catch (error) {
      // On a full disk: nobody would know whose it is.
      rmSync(file, { force: true });
      throw error;
    } finally {
      closeSync(handle);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** What is in it; `undefined` when it is gone. One that is empty was just made, and says in a moment whose it is: unless its process died. */
function readMark(file: string): string | undefined {
  for (let look = 1; ; look += 1) {
    const mark = read(file);
    if (mark !== '' || look === LOOKS) return mark;
    waitAMoment();
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** These are short turns of commands, most of which do nothing else meanwhile. */
function waitAMoment(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_AGAIN_MS);
}

function isHeld(mark: string): boolean {
  const pid = Number(mark);
  return Number.isInteger(pid) && pid > 0 && isAlive(pid);
}

/** Of two that find what was left, the second may meet what the first has made since: that is put back. */
function takeAway(file: string, left: string): void {
  const aside = `${file}.${String(process.pid)}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (read(aside) === left) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

function busy(file: string, mark: string): CommandFault {
  return new CommandFault(
    `Another command changes this installation: process ${mark}. Wait for it; if that process is none, remove ${file}.`,
    EXIT.tryAgain,
    'BUSY',
  );
}
