/** A segment as the hub shows it. */
export interface ShownSegment {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly state: string;
  readonly version: number;
  readonly condition: string;
  readonly members: number;
  readonly savedAt: string;
  readonly progress?: { readonly stage: string; readonly ratio: number };
}

/** `active`, or how far the preparation of a definition is. */
export function progressOf({ state, progress }: Pick<ShownSegment, 'state' | 'progress'>): string {
  return progress === undefined ? state : `${state}: ${progress.stage} ${String(Math.floor(progress.ratio * 100))} %`;
}
