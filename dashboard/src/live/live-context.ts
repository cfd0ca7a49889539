import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from 'react';
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

/** Calls `reload` each time `value` is another one than before. */
export function useReloadWhen(value: unknown, reload: () => void): void {
  const seen = useRef(value);
  useEffect(() => {
    if (seen.current === value) return;
    seen.current = value;
    reload();
  }, [value, reload]);
}

/** Calls `reload` each time the hub says that a topic of its API changed, such as `approvals`. */
export function useReloadOn(topic: string, reload: () => void): void {
  useReloadWhen(
    useLive((live) => live.changes[topic] ?? 0),
    reload,
  );
}
