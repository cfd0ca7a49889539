import { hash } from 'node:crypto';
import type { PlaceSchema } from '../gen/manifest.gen.ts';

/** A place as it is declared. */
export type Place = PlaceSchema;

/** One of the things that a place may show. */
export type Candidate = Place['candidates'][number];

/** So many versions of a place can be looked at, and be named by late reports. */
export const KEPT_VERSIONS = 20;

/** The candidate of decisions for which nothing fitted; no candidate may be called so. */
export const FALLBACK = 'fallback';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The key of a version's row. */
export function versionKey(id: string, version: number): string {
  return `${id}@${String(version)}`;
}

/** The same for the same place, in whatever order its fields are written. */
export function digestOfPlace(place: Place): string {
  return hash('sha256', JSON.stringify(inOrder(place)), 'base64url');
}

/** `7d` in milliseconds. The schema has seen to its form. */
export function windowMs(text: string): number {
  const unit = text.at(-1);
  return Number(text.slice(0, -1)) * UNIT_MS[unit === 'm' || unit === 'h' ? unit : 'd'];
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, inOrder(member)]),
  );
}
