import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

const PAGE_BYTES = 4_096;

/** Resident memory of a process in bytes; `undefined` when it has ended or cannot be asked. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  return process.platform === 'linux' ? ofLinux(pid) : ofPs(pid);
}

async function ofLinux(pid: number): Promise<number | undefined> {
  try {
    const pages = Number((await readFile(`/proc/${String(pid)}/statm`, 'utf8')).split(' ')[1]);
    return Number.isFinite(pages) ? pages * PAGE_BYTES : undefined;
  } catch {
    return undefined;
  }
}

async function ofPs(pid: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, printed) => {
      const kibibytes = Number(printed.trim());
      resolve(error === null && kibibytes > 0 ? kibibytes * 1_024 : undefined);
    });
  });
}
