import { useSyncExternalStore } from 'react';

/** Where the reader is, as parts of the path and the query. */
export interface Place {
  /** Decoded, without empty ones. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly path: string;
}

const listeners = new Set<() => void>();
let current: Place | undefined;

/** Goes to a path of the dashboard without loading the page anew. */
export function navigate(path: string, options: { readonly isReplacing?: boolean } = {}): void {
  if (options.isReplacing === true) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  announce();
  if (options.isReplacing !== true) window.scrollTo(0, 0);
}

/** The place where the reader is; redraws when it changes. */
export function usePlace(): Place {
  return useSyncExternalStore(subscribe, readPlace);
}

/** The same path with one parameter of the query changed, or removed when `value` is empty. */
export function withQuery(place: Place, name: string, value: string): string {
  const query = new URLSearchParams(place.query);
  if (value === '') query.delete(name);
  else query.set(name, value);
  return query.size === 0 ? place.path : `${place.path}?${query.toString()}`;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) window.addEventListener('popstate', announce);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener('popstate', announce);
  };
}

function announce(): void {
  current = undefined;
  for (const listener of listeners) listener();
}

function readPlace(): Place {
  current ??= {
    parts: location.pathname.split('/').filter(Boolean).map(decode),
    query: new URLSearchParams(location.search),
    path: location.pathname,
  };
  return current;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
