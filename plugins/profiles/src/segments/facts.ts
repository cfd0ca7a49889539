/** Defines a segment. Emitted by `profiles.segment_save`. */
export const SEGMENT_DEFINED = 'tendril.profiles.segment_defined';
/** Takes a segment away. Emitted by `profiles.segment_delete`. */
export const SEGMENT_DELETED = 'tendril.profiles.segment_deleted';
/** Defines a computed trait. Emitted by `profiles.trait_save`. */
export const TRAIT_DEFINED = 'tendril.profiles.trait_defined';
/** Takes a computed trait away. Emitted by `profiles.trait_delete`. */
export const TRAIT_DELETED = 'tendril.profiles.trait_deleted';
/** Time went on: what is due is looked at, and what is being prepared goes on. */
export const TICKED = 'tendril.profiles.ticked';
/** Somebody came into a segment. */
export const SEGMENT_ENTERED = 'tendril.segment.entered';
/** Somebody left a segment. */
export const SEGMENT_LEFT = 'tendril.segment.left';

const WORK: ReadonlySet<string> = new Set([SEGMENT_DEFINED, SEGMENT_DELETED, TRAIT_DEFINED, TRAIT_DELETED, TICKED]);

/** Whether an event makes the work on definitions go on. */
export function isWork({ kind, name }: { readonly kind: string; readonly name: string }): boolean {
  return kind === 'hub' && WORK.has(name);
}
