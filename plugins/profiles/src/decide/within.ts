/** Stands for an answer that did not come in time. */
export const LATE = Symbol('late');

/** Waits for something, but not longer than so many milliseconds; what comes later is dropped, failures too. */
export async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, milliseconds, LATE);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
