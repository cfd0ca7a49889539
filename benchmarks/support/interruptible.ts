/** Work that ends with an error when somebody interrupts the benchmark, so that what it opened is still closed and removed. */
export async function interruptible<Result>(work: Promise<Result>): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  // For good: a terminal signals the whole group, and a second signal must not cut the cleaning up short.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => reject(new Error('interrupted')));
  return Promise.race([work, promise]);
}
