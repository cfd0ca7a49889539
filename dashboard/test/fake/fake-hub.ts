import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import type { AddressInfo } from 'node:net';
import type { JsonObject, Lead, MailInfo } from '../../src/api/types.ts';
import { makeReasons, makeRehearsal } from './ask.ts';
import { FakeCustomers } from './customers/fake-customers.ts';
import { listPanels, showPanel } from './panels.ts';
import { askPipeline, changePipelines } from './pipeline-routes.ts';
import { makeDoubleOptIn } from './pipelines.ts';
import { FakePlugins } from './plugins.ts';
import { World, withoutSteps } from './world.ts';

/** What the hub's helmet sends, so that what it would block is blocked in the tests too. */
export const SECURITY_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

interface Options {
  /** Built files to serve; none when only the API is wanted. */
  readonly files?: string;
  readonly isEmpty?: boolean;
  /** 0 stands still until `emit` is called. */
  readonly eventsPerSecond?: number;
  readonly port?: number;
}

/** A small server that answers as the hub's API does, with made-up data that moves. */
export class FakeHub {
  readonly world: World;
  readonly plugins: FakePlugins;
  readonly customers: FakeCustomers;
  /** Paths that shall fail, by prefix. */
  readonly failing = new Map<string, { readonly status: number; readonly body: JsonObject }>();
  readonly requests: { readonly method: string; readonly path: string; readonly body: string; readonly csrf: string | undefined }[] = [];
  readonly #streams = new Set<ServerResponse>();
  readonly #options: Options;
  readonly #server: Server;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: Options = {}) {
    this.#options = options;
    this.world = new World(Date.now(), { isEmpty: options.isEmpty ?? false });
    this.plugins = new FakePlugins({ isEmpty: options.isEmpty ?? false });
    this.customers = new FakeCustomers(this.world, { isEmpty: options.isEmpty ?? false });
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Listens; resolves with its address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(this.#options.port ?? 0, '127.0.0.1', resolve));
    const perSecond = this.#options.eventsPerSecond ?? 0;
    if (perSecond > 0) this.#timer = setInterval(() => this.emit(Math.max(1, Math.round((perSecond / 4) * (0.5 + Math.random())))), 250);
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Lets events happen and tells all open streams. */
  emit(count: number): void {
    const { events, runs } = this.world.tick(count, Date.now());
    this.#send('events', { count: events.length, items: events.toReversed().slice(0, 20) });
    if (runs.length > 0) this.#send('runs', { count: runs.length, items: runs.toReversed() });
  }

  /** Says that something was changed through the API. */
  announceChange(topic: string): void {
    this.#send('changed', { topics: [topic] });
  }

  /** Cuts the open streams, as a restart of the hub does. */
  cutStreams(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.cutStreams();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #send(event: string, data: unknown): void {
    for (const stream of this.#streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    if (!url.pathname.startsWith('/v1/')) return this.#file(url.pathname, response);
    const csrf = request.headers['x-tendril-csrf'];
    this.requests.push({ method: request.method ?? '', path: url.pathname, body, csrf: typeof csrf === 'string' ? csrf : undefined });
    for (const [prefix, failure] of this.failing) {
      if (url.pathname.startsWith(prefix)) return reply(response, failure.status, failure.body);
    }
    if (url.pathname === '/v1/stream') return this.#stream(request, response);
    if (request.method !== 'GET' && csrf !== '1')
      return reply(response, 403, {
        title: 'The request does not come from the dashboard.',
        status: 403,
        code: 'CSRF_MISSING',
        remedy: 'fix-input',
      });
    if (url.pathname === '/v1/pipelines/rehearse') return streamRehearsal(response);
    const answer = request.method === 'GET' ? this.#get(url) : this.#change(url, body);
    if (answer === undefined)
      return reply(response, 404, { title: 'There is no such thing.', status: 404, code: 'NOT_FOUND', remedy: 'fix-input' });
    reply(response, 'status' in answer && typeof answer.status === 'number' ? answer.status : 200, answer);
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': hello\n\n');
    this.#streams.add(response);
    request.on('close', () => this.#streams.delete(response));
  }

  #get(url: URL): object | undefined {
    const [, collection = '', id, extra] = url.pathname.slice(1).split('/').map(decodeURIComponent);
    const query = url.searchParams;
    const world = this.world;
    const matches = (value: string | undefined, name: string) => !query.has(name) || query.get(name) === value;
    switch (collection) {
      case 'overview':
        return world.overview();
      case 'events':
        if (extra === 'why') {
          const event = world.events.find((each) => String(each.position) === id || each.id === id);
          return event && { items: makeReasons(event, world.pipelines) };
        }
        return page(
          world.events.toReversed().filter((event) => matches(event.name, 'name') && matches(event.profileId, 'person')),
          query,
        );
      case 'people':
        return page(world.people.map(({ person: { history: _history, ...person } }) => person).toReversed(), query);
      case 'leads': {
        const ordered = world.people.map(({ lead }) => lead).toSorted((left, right) => (right.probability ?? 0) - (left.probability ?? 0));
        return page(ordered.filter((lead) => matches(lead.personId, 'person')).map(showLead), query);
      }
      case 'runs':
        if (id !== undefined) return world.runs.find((run) => run.id === id);
        return page(
          world.runs
            .toReversed()
            .map(withoutSteps)
            .filter((run) => matches(run.pipeline, 'pipeline') && matches(run.state, 'state') && matches(run.personId, 'person'))
            .filter((run) => matches(run.broadcastId, 'broadcastId') && matches(run.parentId, 'parentId')),
          query,
        );
      case 'approvals':
        return page(world.approvals, query);
      case 'broadcasts':
        return page(world.broadcasts.toReversed(), query);
      case 'backfills':
        return page(world.backfills.toReversed(), query);
      case 'pipelines':
        return id === undefined ? { items: world.pipelines } : askPipeline(world, id, extra, query);
      case 'governor':
        return world.governor;
      case 'connections':
        return { items: world.total === 0 ? [] : CONNECTIONS };
      case 'plugins':
        return id === undefined ? page(this.plugins.list, query) : this.plugins.ask(id, extra);
      case 'agents':
        return { items: this.plugins.agents() };
      case 'channels':
        return { items: this.plugins.channels() };
      case 'panels':
        if (world.total === 0) return { items: [] };
        return extra === undefined ? { items: listPanels(query) } : showPanel(id ?? '', query);
      case 'sandbox':
        if (id === 'mails' && extra !== undefined) return showMail(world.mails.find((mail) => mail.id === extra));
        if (id === 'mails')
          return page(
            world.mails.toReversed().map(({ html: _html, text: _text, headers: _headers, ...mail }) => showMail(mail) ?? mail),
            query,
          );
        if (id === 'services') return { items: world.total === 0 ? [] : ['salesforce', 'hubspot', 'segment'] };
        if (id === 'effects')
          return {
            items: world.effects
              .filter((effect) => effect.service === query.get('service'))
              .toReversed()
              .slice(0, 50)
              .map(({ record, ...effect }) => ({ ...effect, value: record })),
          };
        return undefined;
      default:
        return undefined;
    }
  }

  #change({ pathname, searchParams }: URL, body: string): object | undefined {
    const [, collection = '', id = '', verb = '', last = ''] = pathname.slice(1).split('/').map(decodeURIComponent);
    const asked = body === '' ? {} : (JSON.parse(body) as JsonObject);
    if (collection === 'governor') {
      this.world.governor = { ...this.world.governor, isPaused: id === 'pause' };
      this.announceChange('governor');
      return this.world.governor;
    }
    if (collection === 'approvals') return this.#decide(`${id}/${verb}`, last === 'approve');
    if (collection === 'runs' && verb === 'resolve') return this.#resolve(id, body);
    if (collection === 'runs') return this.#changeRun(id, verb, asked);
    if (collection === 'actions') return this.customers.call(id, (asked['input'] ?? {}) as JsonObject);
    if (collection === 'agents') return this.plugins.tick(id);
    if (collection === 'plugins') {
      const answer = this.plugins.change(id, verb, last, asked);
      if (id === 'leads' && verb === 'pipelines') this.world.pipelines.push(makeDoubleOptIn(Date.now()));
      this.announceChange('plugins');
      return answer;
    }
    return changePipelines(this.world, { collection, id, verb, asked, environment: searchParams.get('environment') ?? undefined });
  }

  #decide(id: string, isApproved: boolean): object | undefined {
    const index = this.world.approvals.findIndex((approval) => approval.id === id);
    const [approval] = index === -1 ? [] : this.world.approvals.splice(index, 1);
    if (approval === undefined) return undefined;
    const run = this.world.setRun(approval.runId, (before) => ({ ...before, state: isApproved ? 'running' : 'failed' }));
    this.announceChange('approvals');
    if (run !== undefined) this.#send('runs', { count: 1, items: [withoutSteps(run)] });
    return {};
  }

  #changeRun(id: string, verb: string, asked: JsonObject): object | undefined {
    if (id === 'replay') {
      const { state, pipeline } = (asked['filter'] ?? {}) as { readonly state?: string; readonly pipeline?: string };
      const matched = this.world.runs.filter((run) => (state ?? run.state) === run.state && (pipeline ?? run.pipeline) === run.pipeline);
      return {
        matched: matched.length,
        started: asked['isDry'] === true ? 0 : matched.length,
        refused: {},
        runIds: asked['isDry'] === true ? [] : matched.map((run) => run.id),
      };
    }
    const run = this.world.runs.find((each) => each.id === id);
    if (run === undefined) return undefined;
    if (verb === 'replay') {
      const again = { ...run, id: `${run.id}_again`, replayOf: run.id, state: 'running' as const };
      this.world.runs.push(again);
      return { runId: again.id };
    }
    const reason = asked['reason'];
    const changed = this.world.setRun(id, (before) => ({
      ...before,
      state: 'cancelled',
      ...(typeof reason === 'string' ? { reason } : {}),
    }));
    return changed && withoutSteps(changed);
  }

  #resolve(id: string, body: string): object | undefined {
    const { decision } = JSON.parse(body) as { decision: string };
    const state = decision === 'happened' ? 'succeeded' : decision === 'fail' ? 'failed' : 'running';
    const run = this.world.setRun(id, (before) => ({
      ...before,
      state,
      steps: before.steps.map((step) => (step.state === 'needs_review' ? { ...step, state } : step)),
    }));
    if (run !== undefined) this.#send('runs', { count: 1, items: [withoutSteps(run)] });
    return run && {};
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    if (this.#options.files === undefined) return reply(response, 404, { title: 'No files here.', status: 404, code: 'NOT_FOUND' });
    const name = extname(path) === '' ? '/index.html' : normalize(path);
    try {
      const content = await readFile(join(this.#options.files, name));
      response.writeHead(200, {
        'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
        'content-security-policy': SECURITY_POLICY,
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  }
}

/** Tells how far it is before the answer, as the hub does. */
function streamRehearsal(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (event: string, data: object): void => void response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  send('progress', { done: 400, all: 1_204 });
  send('result', makeRehearsal(Date.now()));
  response.end();
}

function showMail<Kind extends MailInfo>(mail: Kind | undefined): object | undefined {
  if (mail === undefined) return undefined;
  const { sentAt, ...rest } = mail;
  return { ...rest, receivedAt: sentAt };
}

function showLead({ personId, createdAt, name: _name, ...lead }: Lead): object {
  return { ...lead, person: personId, people: [personId], source: 'Lead Created', capturedAt: new Date(createdAt).toISOString() };
}

function page<Item>(all: readonly Item[], query: URLSearchParams): { items: readonly Item[]; nextCursor?: string } {
  const from = Number(query.get('cursor') ?? 0);
  const to = from + Number(query.get('limit') ?? 50);
  return { items: all.slice(from, to), ...(to < all.length ? { nextCursor: String(to) } : {}) };
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
  response.end(JSON.stringify(body));
}

const CONNECTIONS = [
  {
    name: 'sales_eu',
    plugin: 'salesforce',
    kind: 'oauth2',
    isSandbox: true,
    state: 'working',
    createdAt: Date.now() - 8e6,
    testedAt: Date.now() - 4e5,
    values: { loginUrl: 'http://127.0.0.1:4101' },
  },
  {
    name: 'marketing',
    plugin: 'hubspot',
    kind: 'apiKey',
    isSandbox: true,
    state: 'needs_login',
    createdAt: Date.now() - 8e6,
    testedAt: Date.now() - 9e5,
    values: {},
  },
  { name: 'segment', plugin: 'segment', kind: 'apiKey', isSandbox: true, state: 'untested', createdAt: Date.now() - 8e6, values: {} },
];
