/** What the generated traffic looks like. */
export interface TrafficShape {
  /** Different people; whom an event is about is drawn evenly. */
  readonly people: number;
  /** Consecutive events of one person, as a session gives them. */
  readonly eventsOfSession: number;
  /** One call in so many is an `identify`. */
  readonly identifyEvery: number;
  /** One event in so many is `Order Completed`, which the pipeline of the chain waits for; 0 for none. */
  readonly orderEvery: number;
  /** One event in so many has the message id of an earlier one; 0 for none. */
  readonly duplicateEvery: number;
}

/** A batch as bytes, with the places in it that differ from send to send. */
export interface Batch {
  readonly request: Buffer;
  readonly events: readonly Places[];
  /** Where the digits of the time of each event begin. */
  readonly times: readonly number[];
}

interface Places {
  readonly messageId: number;
  readonly user: number;
}

const ID_DIGITS = 12;
const USER_DIGITS = 8;
const MESSAGE_MARK = 'M'.repeat(ID_DIGITS);
const USER_MARK = 'U'.repeat(USER_DIGITS);
const TIME_MARK = '2000-01-01T00:00:00.000Z';
const PAGES = ['pricing', 'docs/start', 'blog/launch', 'account', 'cart', 'product/kettle-1l', 'product/mug-blue', 'search'];
const NAMES = ['Product Viewed', 'Product Added', 'Cart Viewed', 'Page Scrolled', 'Search Performed', 'Video Played', 'Link Clicked'];

/** The name whose events have a JSON Schema. */
export const CHECKED_EVENT = 'Product Viewed';

/** The schema of `CHECKED_EVENT`. */
export const CHECKED_SCHEMA = {
  type: 'object',
  required: ['sku', 'price', 'currency', 'quantity', 'path'],
  properties: {
    sku: { type: 'string', minLength: 3, maxLength: 40 },
    name: { type: 'string' },
    category: { enum: ['kitchen', 'garden', 'office'] },
    price: { type: 'number', minimum: 0 },
    quantity: { type: 'integer', minimum: 1 },
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    path: { type: 'string' },
  },
} as const;

/** The event that starts runs in the chain. */
export const TRIGGER_EVENT = 'Order Completed';

/** Makes a whole HTTP request of `size` calls whose ids, people and times are filled in before each send. */
export function createBatch(size: number, host: string, writeKey: string, shape: TrafficShape, seed: number): Batch {
  const calls = Array.from({ length: size }, (_, index) => JSON.stringify(createCall(seed * size + index, shape)));
  const body = Buffer.from(`{"batch":[${calls.join(',')}],"sentAt":"${TIME_MARK}"}`);
  const head = Buffer.from(
    `POST /v1/batch HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Basic ${Buffer.from(`${writeKey}:`).toString('base64')}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n`,
  );
  const request = Buffer.concat([head, body]);
  const messageIds = placesOf(request, MESSAGE_MARK);
  const users = placesOf(request, USER_MARK);
  const perEvent = users.length / messageIds.length;
  return {
    request,
    events: messageIds.map((messageId, index) => ({ messageId, user: users[index * perEvent] ?? 0 })),
    times: placesOf(request, TIME_MARK),
  };
}

/** Bytes of one call of a batch, on the average. */
export function bytesOfCall(batch: Batch): number {
  const start = batch.request.indexOf('\r\n\r\n') + 4;
  return Math.round((batch.request.length - start) / batch.events.length);
}

/** Fills in what differs. Ids count upwards from `firstId`; a duplicate takes the id of the event before it in another batch. */
export function fillBatch(batch: Batch, firstId: number, shape: TrafficShape, random: () => number): void {
  const { request, events, times } = batch;
  const now = new Date().toISOString();
  for (const at of times) request.write(now, at, 'latin1');
  let user = '';
  for (const [index, places] of events.entries()) {
    const id = firstId + index;
    const isDuplicate = shape.duplicateEvery > 0 && id % shape.duplicateEvery === 0 && id > 50_000;
    request.write(digits(isDuplicate ? id - 50_000 + 1 : id, ID_DIGITS), places.messageId, 'latin1');
    if (index % shape.eventsOfSession === 0) user = digits(Math.floor(random() * shape.people), USER_DIGITS);
    request.write(user, places.user, 'latin1');
  }
}

function createCall(index: number, shape: TrafficShape): object {
  const page = PAGES[index % PAGES.length] ?? '';
  const context = {
    library: { name: 'analytics.js', version: '1.84.3' },
    locale: 'en-GB',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
    page: { path: `/${page}`, title: `Shop: ${page}`, url: `https://shop.example.invalid/${page}` },
  };
  const base = { messageId: `bench-${MESSAGE_MARK}`, userId: `u${USER_MARK}`, timestamp: TIME_MARK, context };
  if (shape.identifyEvery > 0 && index % shape.identifyEvery === 0) {
    const plan = index % 3 === 0 ? 'pro' : 'free';
    return {
      type: 'identify',
      ...base,
      traits: { plan, company: 'Example Works', jobTitle: 'Head of operations', employees: 120, country: 'DE', city: 'Dresden' },
    };
  }
  if (shape.orderEvery > 0 && index % shape.orderEvery === 1) {
    return {
      type: 'track',
      event: TRIGGER_EVENT,
      ...base,
      properties: { orderId: `o-${String(index)}`, total: 48.5, currency: 'EUR', coupon: null },
    };
  }
  const name = NAMES[index % NAMES.length] ?? CHECKED_EVENT;
  const properties = {
    sku: `SKU-${String(index % 500)}`,
    name: 'Kettle, 1 litre',
    category: 'kitchen',
    price: 39.9,
    quantity: 1,
    currency: 'EUR',
    path: page,
  };
  return { type: 'track', event: name, ...base, properties };
}

function placesOf(bytes: Buffer, mark: string): readonly number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + mark.length)) places.push(at);
  return places;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}
