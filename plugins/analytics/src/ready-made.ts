import type { ReadyMadeOutput } from './gen/manifest.gen.ts';

type Action = ReadyMadeOutput['items'][number]['action'];

/** A question that needs no set-up where an application sends Segment's events. */
export interface ReadyMade {
  readonly id: string;
  readonly title: string;
  readonly action: Action;
  /** Names of events that it needs. */
  readonly events: readonly string[];
  /** What the action is asked. @param carries whether an event was seen with a property */
  readonly input: (carries: (event: string, property: string) => boolean) => object;
}

/**
 * Funnels and figures.
 *
 * @see https://segment.com/docs/connections/spec/ecommerce/v2/ and https://segment.com/docs/connections/spec/b2b-saas/, read 2026-11-22
 */
export const READY_MADE: readonly ReadyMade[] = [
  funnel('buying', 'From a product to an order', 72, ['Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed']),
  funnel('cart', 'From the cart to an order', 72, ['Product Added', 'Order Completed']),
  // Libraries differ in which of the two they send.
  figure('revenue', 'Revenue by day', 'analytics.sum', 'Order Completed', (carries) => ({
    property: carries('Order Completed', 'revenue') ? 'revenue' : 'total',
    take: 'sum',
    per: 'day',
  })),
  figure('order_value', 'Average order', 'analytics.sum', 'Order Completed', (carries) => ({
    property: carries('Order Completed', 'total') ? 'total' : 'revenue',
    take: 'average',
    per: 'week',
  })),
  figure('orders', 'Orders by day', 'analytics.count', 'Order Completed', () => ({ per: 'day' })),
  figure('buyers', 'People who buy, by week', 'analytics.uniques', 'Order Completed', () => ({ of: 'people', per: 'week' })),
  figure('refunds', 'Refunds by week', 'analytics.sum', 'Order Refunded', () => ({ property: 'total', take: 'sum', per: 'week' })),
  {
    id: 'buying_again',
    title: 'Who buys again',
    action: 'analytics.retention',
    events: ['Order Completed'],
    input: () => ({ first: named('Order Completed'), back: named('Order Completed'), per: 'month', periods: 6 }),
  },
  funnel('trial', 'From sign-up to trial', 336, ['Signed Up', 'Trial Started']),
  figure('signups', 'Sign-ups by day', 'analytics.count', 'Signed Up', () => ({ per: 'day' })),
  figure('trials', 'Trials by week', 'analytics.count', 'Trial Started', () => ({ per: 'week' })),
  figure('invites', 'People who invite, by week', 'analytics.uniques', 'Invite Sent', () => ({ of: 'people', per: 'week' })),
  {
    id: 'staying',
    title: 'Who comes back after signing up',
    action: 'analytics.retention',
    events: ['Signed Up'],
    input: () => ({ first: named('Signed Up'), per: 'week', periods: 8 }),
  },
];

function named(...names: string[]): { readonly names: readonly string[] } {
  return { names };
}

function funnel(id: string, title: string, windowHours: number, events: readonly string[]): ReadyMade {
  return { id, title, action: 'analytics.funnel', events, input: () => ({ steps: events.map((name) => named(name)), windowHours }) };
}

function figure(id: string, title: string, action: Action, event: string, input: ReadyMade['input']): ReadyMade {
  return { id, title, action, events: [event], input: (carries) => ({ events: named(event), ...input(carries) }) };
}
