import { createContext, useContext, useRef, useSyncExternalStore } from 'react';
import { LiveStore } from './live-store.ts';
import type { LiveSnapshot } from './live-store.ts';

/** Hands the one live store to the screens. */
export const LiveContext = createContext<LiveStore>(new LiveStore());

/** The live store itself, for what draws by its own clock. */
export function useLiveStore(): LiveStore {
  return useContext(LiveContext);
}

/** A part of the live data; the component redraws only when that part changes. `select` must return a stored reference or a primitive. */
export function useLive<Part>(select: (snapshot: LiveSnapshot) => Part): Part {
  const store = useLiveStore();
  return useSyncExternalStore(store.subscribe, () => select(store.read()));
}

/** As `useLive`, but stands still while `isPaused`. */
export function usePausableLive<Part>(select: (snapshot: LiveSnapshot) => Part, isPaused: boolean): Part {
  const store = useLiveStore();
  const held = useRef<{ readonly part: Part } | undefined>(undefined);
  return useSyncExternalStore(store.subscribe, () => {
    if (isPaused && held.current !== undefined) return held.current.part;
    const part = select(store.read());
    held.current = { part };
    return part;
  });
}
