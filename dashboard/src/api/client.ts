import { ApiProblem } from './api-problem.ts';
import { readEffect, readLead, readMail, readOverview, readPersonInfo } from './from-wire.ts';
import type { WireEffect, WireLead, WirePersonInfo, WireMail, WireOverview } from './from-wire.ts';
import { readMessages } from './read-messages.ts';
import type {
  AgentInfo,
  Approval,
  Backfill,
  Broadcast,
  ChannelInfo,
  ConnectionInfo,
  DryRunAnswer,
  Environment,
  Explanation,
  GovernorState,
  Json,
  JsonObject,
  Lead,
  LoggedEvent,
  Mail,
  MailInfo,
  NewBroadcast,
  Overview,
  Page,
  PanelData,
  PanelInfo,
  PanelPlace,
  PersonInfo,
  PipelineInfo,
  PipelineVersion,
  PluginInfo,
  PluginWebhook,
  ProblemDetails,
  ReadyPipeline,
  RehearsalAnswer,
  ReplayOptions,
  ReplaySummary,
  ReviewDecision,
  Run,
  RunFilter,
  RunInfo,
  SandboxEffect,
  StartReason,
} from './types.ts';

type Query = Readonly<Record<string, string | number | undefined>>;

/** Where the hub's server-sent events are. */
export const STREAM_PATH = '/v1/stream';

/** The one place that knows the hub's HTTP API. Every call rejects with an `ApiProblem`. */
export const api = {
  overview: async (signal?: AbortSignal): Promise<Overview> => readOverview(await read<WireOverview>('/v1/overview', {}, signal)),
  events: (
    filter: { name?: string | undefined; person?: string | undefined; cursor?: string | undefined; limit?: number },
    signal?: AbortSignal,
  ) => read<Page<LoggedEvent>>('/v1/events', { limit: 100, ...filter }, signal),
  people: async (filter: { cursor?: string | undefined }, signal?: AbortSignal): Promise<Page<PersonInfo>> => {
    const page = await read<Page<WirePersonInfo>>('/v1/people', { limit: 50, ...filter }, signal);
    return { ...page, items: page.items.map(readPersonInfo) };
  },
  /** The most probable first. */
  leads: async (filter: { cursor?: string | undefined; person?: string; limit?: number }, signal?: AbortSignal): Promise<Page<Lead>> => {
    const page = await read<Page<WireLead>>('/v1/leads', { limit: 50, ...filter }, signal);
    return { ...page, items: page.items.map(readLead) };
  },
  runs: (filter: RunFilter & { cursor?: string | undefined; limit?: number }, signal?: AbortSignal) =>
    read<Page<RunInfo>>('/v1/runs', { limit: 50, ...filter }, signal),
  /** @param isUnmasked shows personal values too; refused to keys that are no admin's */
  run: (id: string, isUnmasked: boolean, signal?: AbortSignal) =>
    read<Run>(`/v1/runs/${encodeURIComponent(id)}`, isUnmasked ? { unmasked: 'true' } : {}, signal),
  resolveRun: (id: string, decision: ReviewDecision, output?: Json) =>
    write<Json>('POST', `/v1/runs/${encodeURIComponent(id)}/resolve`, output === undefined ? { decision } : { decision, output }),
  cancelRun: (id: string, options: { readonly mode: 'now' | 'after_step'; readonly reason?: string }) =>
    write<RunInfo>('POST', `/v1/runs/${encodeURIComponent(id)}/cancel`, options),
  replayRun: (id: string, options: ReplayOptions) =>
    write<{ readonly runId: string }>('POST', `/v1/runs/${encodeURIComponent(id)}/replay`, options),
  replayRuns: (filter: RunFilter, options: ReplayOptions & { readonly isDry: boolean }) =>
    write<ReplaySummary>('POST', '/v1/runs/replay', { filter: withoutEmpty(filter), ...options }),
  approvals: (filter: { cursor?: string | undefined }, signal?: AbortSignal) =>
    read<Page<Approval>>('/v1/approvals', { limit: 50, ...filter }, signal),
  decide: ({ runId, path }: Approval, isApproved: boolean, said: { readonly comment?: string }) =>
    write<Json>(
      'POST',
      `/v1/approvals/${encodeURIComponent(runId)}/${encodeURIComponent(path)}/${isApproved ? 'approve' : 'reject'}`,
      said,
    ),
  pipelines: (signal?: AbortSignal) => read<Page<PipelineInfo>>('/v1/pipelines', { limit: 200 }, signal),
  pipeline: (id: string, environment: Environment, signal?: AbortSignal) =>
    read<PipelineInfo>(`/v1/pipelines/${encodeURIComponent(id)}`, inEnvironment(environment), signal),
  configurePipeline: (id: string, environment: Environment, settings: JsonObject) =>
    write<PipelineInfo>('PUT', pipelinePath(id, 'settings', environment), { settings }),
  pausePipeline: (id: string, environment: Environment, holdRuns: boolean) =>
    write<Json>('POST', pipelinePath(id, 'pause', environment), holdRuns ? { holdRuns } : {}),
  resumePipeline: (id: string, environment: Environment) => write<Json>('POST', pipelinePath(id, 'resume', environment)),
  versions: (id: string, filter: { cursor?: string | undefined }, signal?: AbortSignal) =>
    read<Page<PipelineVersion>>(`/v1/pipelines/${encodeURIComponent(id)}/versions`, { limit: 50, ...filter }, signal),
  rollbackPipeline: (id: string, environment: Environment, version: number) =>
    write<PipelineInfo>('POST', pipelinePath(id, 'rollback', environment), { version }),
  promotePipeline: (id: string, from: Environment, to: Environment) =>
    write<PipelineInfo>('POST', `/v1/pipelines/${encodeURIComponent(id)}/promote`, { from, to }),
  startPipeline: (id: string, environment: Environment, start: JsonObject, idempotencyKey: string) =>
    write<{ readonly runId: string }>('POST', pipelinePath(id, 'runs', environment), start, { 'idempotency-key': idempotencyKey }),
  dryRun: (asked: JsonObject) => write<DryRunAnswer>('POST', '/v1/pipelines/dry-run', asked),
  rehearse: (asked: JsonObject, onProgress: (done: number, all: number) => void, signal: AbortSignal) =>
    writeStreamed<RehearsalAnswer>('/v1/pipelines/rehearse', asked, onProgress, signal),
  explain: (id: string, environment: Environment, person: string, signal?: AbortSignal) =>
    read<Explanation>(`/v1/pipelines/${encodeURIComponent(id)}/explain`, { person, ...inEnvironment(environment) }, signal),
  why: (event: string, signal?: AbortSignal) =>
    read<{ readonly items: readonly StartReason[] }>(`/v1/events/${encodeURIComponent(event)}/why`, {}, signal),
  backfill: (id: string, environment: Environment, asked: JsonObject) =>
    write<Backfill>('POST', pipelinePath(id, 'backfills', environment), asked),
  backfills: (signal?: AbortSignal) => read<Page<Backfill>>('/v1/backfills', { limit: 100 }, signal),
  cancelBackfill: (id: string) => write<Backfill>('POST', `/v1/backfills/${encodeURIComponent(id)}/cancel`),
  broadcasts: (filter: { pipeline?: string; cursor?: string | undefined }, signal?: AbortSignal) =>
    read<Page<Broadcast>>('/v1/broadcasts', { limit: 20, ...filter }, signal),
  sendBroadcast: (id: string, environment: Environment, broadcast: NewBroadcast, idempotencyKey: string) =>
    write<Broadcast>('POST', pipelinePath(id, 'broadcasts', environment), { ...broadcast }, { 'idempotency-key': idempotencyKey }),
  turnBroadcast: (id: string, verb: 'pause' | 'resume') => write<Broadcast>('POST', `/v1/broadcasts/${encodeURIComponent(id)}/${verb}`),
  cancelBroadcast: (id: string, withRuns: boolean) =>
    write<Broadcast>('POST', `/v1/broadcasts/${encodeURIComponent(id)}/cancel`, { withRuns }),
  governor: (signal?: AbortSignal) => read<GovernorState>('/v1/governor', {}, signal),
  pauseGovernor: () => write<Json>('POST', '/v1/governor/pause'),
  resumeGovernor: () => write<Json>('POST', '/v1/governor/resume'),
  connections: (signal?: AbortSignal) => read<Page<ConnectionInfo>>('/v1/connections', {}, signal),
  plugins: (signal?: AbortSignal) => readAll<PluginInfo>('/v1/plugins', signal),
  plugin: (id: string, signal?: AbortSignal) => read<PluginInfo>(pluginPath(id), {}, signal),
  /** @param consent hash of the permissions that somebody was shown */
  enablePlugin: (id: string, consent: string) => write<PluginInfo>('POST', pluginPath(id, 'enable'), { consent }),
  disablePlugin: (id: string) => write<PluginInfo>('POST', pluginPath(id, 'disable')),
  resumePlugin: (id: string) => write<PluginInfo>('POST', pluginPath(id, 'resume')),
  configurePlugin: (id: string, settings: JsonObject) => write<PluginInfo>('PUT', pluginPath(id, 'settings'), { settings }),
  pluginWebhooks: (id: string, signal?: AbortSignal) => readAll<PluginWebhook>(pluginPath(id, 'webhooks'), signal),
  readyPipelines: (id: string, signal?: AbortSignal) => readAll<ReadyPipeline>(pluginPath(id, 'pipelines'), signal),
  addReadyPipeline: (id: string, pipeline: string) => write<Json>('POST', `${pluginPath(id, 'pipelines')}/${encodeURIComponent(pipeline)}`),
  agents: (signal?: AbortSignal) => readAll<AgentInfo>('/v1/agents', signal),
  tickAgent: (name: string) => write<AgentInfo>('POST', `/v1/agents/${encodeURIComponent(name)}/tick`),
  channels: (signal?: AbortSignal) => readAll<ChannelInfo>('/v1/channels', signal),
  panels: (filter: { readonly place: PanelPlace; readonly plugin?: string | undefined }, signal?: AbortSignal) =>
    read<Page<PanelInfo>>('/v1/panels', { limit: 50, ...filter }, signal),
  /** @param subject the profile or the lead that the panel is about */
  panelData: (id: string, subject: string | undefined, signal?: AbortSignal) =>
    read<PanelData>(`/v1/panels/${encodeURIComponent(id)}/data`, { subject }, signal),
  mails: async (filter: { cursor?: string | undefined }, signal?: AbortSignal): Promise<Page<MailInfo>> => {
    const page = await read<Page<WireMail<MailInfo>>>('/v1/sandbox/mails', { limit: 50, ...filter }, signal);
    return { ...page, items: page.items.map(readMail<MailInfo>) };
  },
  mail: async (id: string, signal?: AbortSignal): Promise<Mail> =>
    readMail<Mail>(await read<WireMail<Mail>>(`/v1/sandbox/mails/${encodeURIComponent(id)}`, {}, signal)),
  effects: async (service: string, signal?: AbortSignal): Promise<Page<SandboxEffect>> => {
    const page = await read<Page<WireEffect>>('/v1/sandbox/effects', { service, limit: 50 }, signal);
    return { ...page, items: page.items.map(readEffect) };
  },
  services: (signal?: AbortSignal) => read<Page<string>>('/v1/sandbox/services', {}, signal),
  /** Calls an action of a plugin; a call that is not `read` is a run of one step. */
  action: async <Output>(name: string, input: object, signal?: AbortSignal): Promise<Output> => {
    const path = `/v1/actions/${encodeURIComponent(name)}`;
    return (await write<{ readonly output: Output }>('POST', path, { input }, {}, signal)).output;
  },
} as const;

function read<Answer>(path: string, query: Query, signal?: AbortSignal): Promise<Answer> {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(key, String(value));
  }
  const suffix = parameters.size > 0 ? `?${parameters.toString()}` : '';
  return send<Answer>(path + suffix, signal === undefined ? {} : { signal });
}

/** Every page of a list that is short by its nature. */
async function readAll<Item>(path: string, signal?: AbortSignal): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Item> = await read<Page<Item>>(path, { limit: 200, cursor }, signal);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}

function write<Answer>(
  method: 'POST' | 'PUT',
  path: string,
  body: object = {},
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Answer> {
  return send<Answer>(path, {
    method,
    headers: { ...WRITING, ...headers },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

const WRITING = { 'content-type': 'application/json', 'x-tendril-csrf': '1' };

/** Asks for an answer that takes long and is told in messages meanwhile. */
async function writeStreamed<Answer>(
  path: string,
  body: JsonObject,
  onProgress: (done: number, all: number) => void,
  signal: AbortSignal,
): Promise<Answer> {
  const headers = { ...WRITING, accept: 'text/event-stream' };
  const response = await fetch(path, { method: 'POST', credentials: 'include', headers, body: JSON.stringify(body), signal });
  if (!response.ok || response.body === null) return readAnswer<Answer>(response);
  for await (const { event, data } of readMessages(response.body)) {
    if (event === 'result') return data as Answer;
    if (event === 'problem') throw new ApiProblem((data as ProblemDetails).status ?? 500, data as ProblemDetails);
    if (event === 'progress') {
      const { done, all } = data as { readonly done: number; readonly all: number };
      onProgress(done, all);
    }
  }
  throw new ApiProblem(0, { title: 'The hub stopped answering.', code: 'HUB_UNREACHABLE', remedy: 'retry' });
}

/** Production is meant where no environment is told. */
function inEnvironment(environment: Environment): { readonly environment?: Environment } {
  return environment === 'production' ? {} : { environment };
}

function pluginPath(id: string, verb = ''): string {
  const path = `/v1/plugins/${encodeURIComponent(id)}`;
  return verb === '' ? path : `${path}/${verb}`;
}

function pipelinePath(id: string, verb: string, environment: Environment): string {
  const path = `/v1/pipelines/${encodeURIComponent(id)}/${verb}`;
  return environment === 'production' ? path : `${path}?environment=${environment}`;
}

function withoutEmpty(filter: RunFilter): JsonObject {
  return Object.fromEntries(
    Object.entries(filter).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''),
  );
}

async function send<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(path, {
    credentials: 'include',
    cache: 'no-store',
    ...init,
    headers: { accept: 'application/json', ...(init.headers as Record<string, string> | undefined) },
  });
  return readAnswer<Answer>(response);
}

async function readAnswer<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = parse(text);
  if (!response.ok) throw new ApiProblem(response.status, isProblem(body) ? body : {});
  // The server validates its answers against the schemas that these types were taken from.
  return body as Answer;
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function isProblem(body: unknown): body is ProblemDetails {
  return typeof body === 'object' && body !== null;
}
