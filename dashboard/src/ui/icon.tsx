const PATHS = {
  overview: 'M2 12.5 5.5 8l2.5 2.5L13.5 4M10.5 4h3v3',
  events: 'M2 4h12M2 8h8M2 12h10',
  people:
    'M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 3a2.3 2.3 0 0 1 0 4.3M12 9.8c1.5.5 2.5 1.8 2.5 3.7',
  leads: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8 8h.01',
  runs: 'M3.5 2.5v11M3.5 5.5h5.5a3 3 0 0 1 3 3v2M10 8.5l2 2 2-2',
  pipelines: 'M2.5 2.5h4v4h-4zM9.5 9.5h4v4h-4zM6.5 4.5h2.5a2.5 2.5 0 0 1 2.5 2.5v2.5',
  mail: 'M2 3.5h12v9H2zM2 4.5l6 4.5 6-4.5',
  crm: 'M8 2c3 0 5.5.9 5.5 2S11 6 8 6 2.5 5.1 2.5 4 5 2 8 2ZM2.5 4v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2',
  plug: 'M5.5 1.5v3M10.5 1.5v3M3.5 4.5h9v3a4.5 4.5 0 0 1-9 0zM8 12v2.5',
  waiting: 'M8 2a4 4 0 0 1 4 4c0 3.5 1.5 5 1.5 5h-11S4 9.5 4 6a4 4 0 0 1 4-4ZM6.5 13.5a1.6 1.6 0 0 0 3 0',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  repeat: 'M3 7.5V7a3 3 0 0 1 3-3h6.5M10.5 2l2 2-2 2M13 8.5V9a3 3 0 0 1-3 3H3.5M5.5 14l-2-2 2-2',
  send: 'M14 2 7 9M14 2 9.5 14 7 9 2 6.5z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.2v9.6L12.8 8z',
  check: 'M3 8.5 6.5 12 13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  alert: 'M8 2 1.5 13.5h13zM8 6.5v3M8 11.5h.01',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.5',
  moon: 'M13 9.8A5.5 5.5 0 0 1 6.2 3 5.5 5.5 0 1 0 13 9.8Z',
  back: 'M9.5 3.5 5 8l4.5 4.5',
  forward: 'M6.5 3.5 11 8l-4.5 4.5',
  turning: 'M13.5 8A5.5 5.5 0 1 1 8 2.5',
  stop: 'M4 4h8v8H4z',
  hand: 'M5 8.5V4a1 1 0 0 1 2 0v3.5V3a1 1 0 0 1 2 0v4.5V4a1 1 0 0 1 2 0v5.5c0 2.8-1.5 4.5-3.8 4.5C5 14 4.3 12.8 2.8 10.5c-.6-1 .7-1.9 1.5-1.1z',
  lock: 'M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2',
  key: 'M10 9.5a3.5 3.5 0 1 0-3.3-2.3L2.5 11.5v2h2.5v-1.5h1.5v-1.5h1l.8-.8c.5.5 1.1-.2 1.7-.2ZM10.8 5.2h.01',
  globe: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM2 8h12M8 2c2 2 2.5 4 2.5 6S10 12 8 14c-2-2-2.5-4-2.5-6S6 4 8 2Z',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  upload: 'M8 10.5V2.5M4.5 6 8 2.5 11.5 6M2.5 10.5v3h11v-3',
  download: 'M8 2.5v8M4.5 7 8 10.5 11.5 7M2.5 10.5v3h11v-3',
  segment: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v6l4.5 4',
  explore: 'M2.5 13.5v-4M6.2 13.5v-8M9.8 13.5v-6M13.5 13.5v-11',
  merge: 'M3.5 2.5v2a4 4 0 0 0 4 4h.5v5M12.5 2.5v2a4 4 0 0 1-4 4M6 11.5l2 2 2-2',
  plus: 'M8 3v10M3 8h10',
  undo: 'M3 6.5h7a3.5 3.5 0 0 1 0 7H6M6 3.5l-3 3 3 3',
  split: 'M8 14V9.5M8 9.5 4 5.5V2.5M8 9.5l4-4V2.5M2 4.5l2-2 2 2M10 4.5l2-2 2 2',
} as const;

/** Name of a drawn sign. */
export type IconName = keyof typeof PATHS;

/** A small drawn sign; decoration only, so it always stands beside words. */
export function Icon({ name, isSmall = false }: { readonly name: IconName; readonly isSmall?: boolean }) {
  return (
    <svg className={`icon icon-${name}${isSmall ? ' icon-small' : ''}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
