import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findExamples, startPluginHub, until, WAYS } from '../support/plugin-hub.ts';
import type { PluginHub, Reply, Side } from '../support/plugin-hub.ts';

const IDS = ['rss_source', 'ticket_source', 'daily_digest', 'first_seen'];
const SECRET = 'signed by the desk';

/** A feed whose posts a test may add to, newest first. */
async function serveFeed(): Promise<{
  readonly url: string;
  readonly host: string;
  readonly posts: string[];
  readonly server: Server;
  readonly asked: () => number;
}> {
  const posts: string[] = [];
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    const items = posts.map(
      (title) => `<item><title>${title}</title><guid isPermaLink="false">${title}</guid><link>https://a.example</link></item>`,
    );
    response.writeHead(200, { 'content-type': 'application/rss+xml' }).end(`<rss><channel>${items.join('')}</channel></rss>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}/feed.xml`, host, posts, server, asked: () => asked };
}

for (const way of WAYS) {
  describe(`triggers, schedules and consumers of plugins, in the ${way}`, function () {
    this.timeout(120_000);
    let feed: Awaited<ReturnType<typeof serveFeed>>;
    let served: PluginHub;
    let acme: Side;
    let globex: Side;
    before(async () => {
      feed = await serveFeed();
      const sources = await findExamples(IDS, way);
      // Nobody waits for the morning.
      const soon = sources.map((source) => ({
        ...source,
        manifest: String(source.manifest).replace('"cron": "0 7 * * *"', '"every": "1s"'),
      }));
      served = await startPluginHub(IDS, way, { plugins: soon, allowedEgress: [feed.host] });
      acme = await served.side('acme');
      globex = await served.side('globex', ['first_seen']);
    });
    after(async () => {
      await served.close();
      feed.server.close();
    });

    async function told(side: Side, name: string, property: string): Promise<readonly unknown[]> {
      const { items } = await side.tenant.events.list({ name, limit: 200 });
      return items.map(({ properties }) => properties[property]).toReversed();
    }

    async function track(side: Side, event: string, messageId: string): Promise<void> {
      const { app } = await served.hub.keys.authenticate(side.write);
      assert.ok(app !== undefined);
      await side.tenant.ingest.accept(app, [{ type: 'track', event, userId: 'u', messageId }], { receivedAt: Date.now(), requestId: 'r' });
    }

    it('a poll starts a run for each new post, once', async () => {
      feed.posts.push('old');
      await acme.tenant.pipelines.deploy(`pipeline: announce
trigger:
  source: rss_source.new_post
  every: 1s
  with: { feed: '${feed.url}' }
steps:
  - emit: { event: Post Published, userId: newsroom, properties: { title: '\${{ input.title }}' } }
`);
      // By the second request what the first one gave is committed: it was there before, and starts nothing.
      await until(
        async () => feed.asked(),
        (asked) => asked >= 2,
      );
      feed.posts.unshift('second', 'first');
      await until(
        () => told(acme, 'Post Published', 'title'),
        ({ length }) => length >= 2,
      );
      feed.posts.unshift('third');
      const titles = await until(
        () => told(acme, 'Post Published', 'title'),
        ({ length }) => length >= 3,
      );
      assert.deepEqual(titles.toSorted(), ['first', 'second', 'third']);
      await acme.tenant.pipelines.pause('announce');
    });

    it('a push starts a run for each ticket that the pipeline asks for, once, after the proof', async () => {
      const values = { webhookSecret: SECRET };
      await acme.tenant.connections.add({ name: 'desk', plugin: 'ticket_source', kind: 'desk', values });
      const { webhookPath } = await acme.tenant.pipelines.deploy(`pipeline: urgent_ticket
trigger:
  source: ticket_source.opened
  with: { priority: urgent }
steps:
  - emit: { event: Ticket Opened, userId: help-desk, properties: { subject: '\${{ input.subject }}' } }
`);
      const tell = (ticket: object, delivery: string, secret = SECRET): Promise<Reply> => {
        const raw = JSON.stringify({ kind: 'ticket.opened', ticket });
        const headers = { 'x-desk-signature': createHmac('sha256', secret).update(raw).digest('hex'), 'x-desk-delivery': delivery };
        return served.ask('POST', webhookPath ?? '', { raw, headers });
      };
      const ticket = { id: '1', subject: 'On fire', priority: 'urgent' };
      assert.equal((await tell(ticket, 'd1', 'somebody else')).status, 401);
      assert.equal((await tell(ticket, 'd1')).status, 202);
      assert.equal((await tell(ticket, 'd1')).status, 202);
      assert.equal((await tell({ id: '2', subject: 'A question', priority: 'low' }, 'd2')).status, 202);
      assert.equal((await tell({ id: '3', subject: 'Smoke', priority: 'urgent' }, 'd3')).status, 202);
      const subjects = await until(
        () => told(acme, 'Ticket Opened', 'subject'),
        ({ length }) => length >= 2,
      );
      assert.deepEqual(subjects.toSorted(), ['On fire', 'Smoke']);
    });

    it('a schedule reports what was noted, each line once', async () => {
      await acme.tenant.actions.call('daily_digest.note', { text: 'one' }, { idempotencyKey: 'k1' });
      await acme.tenant.actions.call('daily_digest.note', { text: 'one' }, { idempotencyKey: 'k1' });
      await acme.tenant.actions.call('daily_digest.note', { text: 'two' }, { idempotencyKey: 'k2' });
      const lines = await until(
        async () => (await told(acme, 'Digest Ready', 'lines')).flat(),
        ({ length }) => length >= 2,
      );
      assert.deepEqual(lines.toSorted(), ['one', 'two']);
    });

    it('a consumer sees every event of its tenant, and tells of each name once', async () => {
      await track(acme, 'Ordered', 'm1');
      await track(acme, 'Ordered', 'm1');
      await track(acme, 'Ordered', 'm2');
      await track(globex, 'Returned', 'm1');
      const names = await until(
        () => told(acme, 'Event First Seen', 'event'),
        (all) => all.includes('Ordered') && all.includes('Event First Seen'),
      );
      assert.equal(new Set(names).size, names.length);
      assert.ok(!names.includes('Returned'));
      const others = await until(
        () => told(globex, 'Event First Seen', 'event'),
        (all) => all.includes('Event First Seen'),
      );
      assert.deepEqual(others.toSorted(), ['Event First Seen', 'Returned']);
      const { output } = await globex.tenant.actions.call('first_seen.list', {});
      assert.deepEqual(output, { names: ['Returned', 'Event First Seen'] });
    });
  });
}
