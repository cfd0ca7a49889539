// A terminal signals a whole group of processes, and wrappers forward to their children: one Ctrl-C may come as several signals.
const SAME_KEYSTROKE_MS = 500;

/** What to do when somebody asks the process to end. */
export interface InterruptActions {
  /** The first time: end in good order. */
  readonly first: () => void;
  /** The second time: end at once. */
  readonly second: () => void;
  /** The time, in milliseconds. */
  readonly now?: () => number;
}

/** Makes the function that is called for every signal and tells the first request from the second. */
export function countInterrupts({ first, second, now = () => performance.now() }: InterruptActions): () => void {
  let firstAt: number | undefined;
  return () => {
    if (firstAt === undefined) {
      firstAt = now();
      first();
    } else if (now() - firstAt > SAME_KEYSTROKE_MS) {
      second();
    }
  };
}

/** Ctrl-C, a request to end, a closed terminal, or the end of the process that started this one. A second request ends at once. */
export function onInterrupt(first: () => void): void {
  let isAsked = false;
  const asked = countInterrupts({
    first: () => {
      isAsked = true;
      first();
    },
    second: () => process.exit(130),
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, asked);
  if (process.connected) {
    process.once('disconnect', () => {
      if (!isAsked) asked();
    });
    // Listening for its end would keep this process alive after everything else has ended.
    process.channel?.unref();
  }
}

/** A signal that fires when somebody asks the command to end. */
export function interruption(): AbortController {
  const controller = new AbortController();
  onInterrupt(() => controller.abort());
  return controller;
}
