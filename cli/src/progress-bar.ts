/** Shows on a terminal how far something is. */
export interface ProgressBar {
  show(done: number, all: number): void;
  /** Takes it away. */
  end(): void;
}

/** What a bar is drawn on. */
export interface BarTarget {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const WIDTH = 30;
const FULL = '█';
const EMPTY = '░';

/** A bar on standard error; nothing where that is no terminal. */
export function createProgressBar(label: string, target: BarTarget = process.stderr): ProgressBar {
  let isShown = false;
  return {
    show(done, all) {
      if (target.isTTY !== true) return;
      const part = all <= 0 ? 0 : Math.min(1, done / all);
      const filled = Math.round(part * WIDTH);
      isShown = true;
      target.write(`\r${label} ${FULL.repeat(filled)}${EMPTY.repeat(WIDTH - filled)} ${String(Math.floor(part * 100)).padStart(3)} %`);
    },
    end() {
      if (isShown) target.write('\r\x1b[2K');
      isShown = false;
    },
  };
}
