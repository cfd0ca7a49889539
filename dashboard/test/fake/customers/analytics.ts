import { Refusal } from './answer.ts';
import type { FakeActions, Input } from './answer.ts';

const FRESH = { position: 48_190, head: 48_210, behindEvents: 20, behindMs: 1_400 };
const DAY_MS = 86_400_000;

/** Answers to questions about events, made up; nothing where only live apps are asked for. */
export function makeAnalytics({ isEmpty }: { readonly isEmpty: boolean }): FakeActions {
  const names = isEmpty ? [] : ['Offer Viewed', 'Call Answered', 'Lead Created', 'Term Deposit Decided', '$identify'];
  const measure = (input: Input) => ({
    groups: isEmpty || input['includesTest'] !== true ? [{ value: 0 }] : groupsOf(input),
    isCut: false,
    ...FRESH,
  });
  return {
    'analytics.names': () => ({
      names: names.map((name, index) => ({
        name,
        events: 9_000 - index * 700,
        firstAt: Date.now() - 40 * DAY_MS,
        lastAt: Date.now(),
        properties: [
          { name: 'channel', type: 'text' },
          { name: 'rate', type: 'number' },
        ],
      })),
      isCut: false,
      ...FRESH,
    }),
    'analytics.count': measure,
    'analytics.uniques': measure,
    'analytics.sum': measure,
    'analytics.funnel': ({ steps }) => {
      if ((steps as readonly unknown[]).length < 2) throw new Refusal(422, 'INPUT_INVALID', 'The input does not match its schema.');
      return {
        groups: [
          {
            steps: (steps as readonly unknown[]).map((_, index) => ({
              people: Math.round(1_200 / (index + 1) ** 1.5),
              ofFirstRatio: 1 / (index + 1) ** 1.5,
              ofPreviousRatio: index === 0 ? 1 : (index / (index + 1)) ** 1.5,
              ...(index === 0 ? {} : { medianMs: index * 5_400_000 }),
            })),
          },
        ],
        isCut: false,
        ...FRESH,
      };
    },
    'analytics.retention': ({ periods }) => ({
      cohorts: Array.from({ length: Number(periods ?? 8) }, (_, cohort) => ({
        at: dayAt(Date.now() - (Number(periods ?? 8) - cohort) * 7 * DAY_MS),
        people: 240 - cohort * 9,
        back: Array.from({ length: Number(periods ?? 8) - cohort }, (_each, index) => Math.round((240 - cohort * 9) / (1 + index * 0.9))),
      })),
      ...FRESH,
    }),
    'analytics.paths': ({ around, includesTest, depth }) => {
      const [name] = (around as { readonly names: readonly string[] }).names;
      const isThere = includesTest === true && !isEmpty && names.includes(String(name));
      const all = [
        { names: ['Call Answered', 'Lead Created', 'Term Deposit Decided'], occurrences: 900 },
        { names: ['Call Answered', 'Lead Created'], occurrences: 600 },
        { names: ['Offer Viewed', 'Call Answered', 'Lead Created'], occurrences: 420 },
        { names: ['Call Answered'], occurrences: 380 },
        { names: [], occurrences: 200 },
      ];
      const paths = all.map((each) => ({ ...each, names: each.names.slice(0, Number(depth)) }));
      return { occurrences: isThere ? 2_500 : 0, paths: isThere ? paths : [], isCut: false, ...FRESH };
    },
    'analytics.pages': ({ where, includesTest }) => {
      const [filter] = (where ?? []) as readonly { readonly value: string }[];
      const pages = [
        { path: '/', views: 4_100, people: 2_300, medianMs: 12_000 },
        { path: '/term-deposit', views: 1_900, people: 1_200, medianMs: 74_000 },
        { path: '/goodbye', views: 310, people: 305 },
      ].filter(({ path }) => path.includes(filter?.value ?? ''));
      return { pages: includesTest === true && !isEmpty ? pages : [], isCut: false, ...FRESH };
    },
    'analytics.sessions': () => ({
      ...figures(410),
      series: Array.from({ length: 14 }, (_, day) => ({ at: dayAt(Date.now() - (13 - day) * DAY_MS), ...figures(20 + day * 3) })),
      ...FRESH,
    }),
    'analytics.ready_made': () => ({
      items: [
        {
          id: 'offers',
          title: 'Offers a day',
          action: 'analytics.count',
          input: { events: { names: ['Offer Viewed'] }, per: 'day' },
          isReady: true,
          missing: [],
        },
        {
          id: 'checkout',
          title: 'Checkout',
          action: 'analytics.funnel',
          input: { steps: [{ names: ['Checkout Started'] }, { names: ['Order Completed'] }] },
          isReady: false,
          missing: ['Checkout Started', 'Order Completed'],
        },
      ],
    }),
  };
}

function groupsOf(input: Input): readonly object[] {
  const of = (scale: number, group?: string) => ({
    ...(group === undefined ? {} : { group }),
    value: scale * 14,
    series: Array.from({ length: 14 }, (_, day) => ({
      at: dayAt(Date.now() - (13 - day) * DAY_MS),
      value: Math.round(scale * (1 + Math.sin(day / 2) / 2)),
    })),
  });
  return input['by'] === undefined ? [of(320)] : [of(190, 'web'), of(90, 'app'), of(40, 'phone')];
}

function figures(sessions: number): object {
  return {
    sessions,
    people: Math.round(sessions * 0.8),
    events: sessions * 6,
    averageDurationMs: 240_000,
    medianDurationMs: 120_000,
    bounceRatio: 0.31,
  };
}

function dayAt(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
