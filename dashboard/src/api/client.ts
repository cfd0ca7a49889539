import { ApiProblem } from './api-problem.ts';
import { readEffect, readLead, readMail, readOverview, readPerson, readPersonInfo } from './from-wire.ts';
import type { WireEffect, WireLead, WirePersonInfo, WireMail, WireOverview, WirePerson } from './from-wire.ts';
import type {
  ConnectionInfo,
  GovernorState,
  Json,
  JsonObject,
  Lead,
  LoggedEvent,
  Mail,
  MailInfo,
  Overview,
  Page,
  Person,
  PersonInfo,
  PipelineInfo,
  PluginInfo,
  ProblemDetails,
  ReviewDecision,
  Run,
  RunInfo,
  SandboxEffect,
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
  person: async (id: string, signal?: AbortSignal): Promise<Person> =>
    readPerson(await read<WirePerson>(`/v1/people/${encodeURIComponent(id)}`, {}, signal)),
  /** Values that each trait had: the output of the action `profiles.history`. */
  traitHistory: (id: string) =>
    write<{ readonly output: { readonly traits: JsonObject } }>('POST', '/v1/actions/profiles.history', { input: { id } }),
  /** The most probable first. */
  leads: async (filter: { cursor?: string | undefined; person?: string; limit?: number }, signal?: AbortSignal): Promise<Page<Lead>> => {
    const page = await read<Page<WireLead>>('/v1/leads', { limit: 50, ...filter }, signal);
    return { ...page, items: page.items.map(readLead) };
  },
  runs: (
    filter: { pipeline?: string | undefined; state?: string | undefined; person?: string; cursor?: string | undefined },
    signal?: AbortSignal,
  ) => read<Page<RunInfo>>('/v1/runs', { limit: 50, ...filter }, signal),
  run: (id: string, signal?: AbortSignal) => read<Run>(`/v1/runs/${encodeURIComponent(id)}`, {}, signal),
  resolveRun: (id: string, decision: ReviewDecision, output?: Json) =>
    write<Json>('POST', `/v1/runs/${encodeURIComponent(id)}/resolve`, output === undefined ? { decision } : { decision, output }),
  pipelines: (signal?: AbortSignal) => read<Page<PipelineInfo>>('/v1/pipelines', {}, signal),
  pipeline: (id: string, signal?: AbortSignal) => read<PipelineInfo>(`/v1/pipelines/${encodeURIComponent(id)}`, {}, signal),
  configurePipeline: (id: string, settings: JsonObject) =>
    write<PipelineInfo>('PUT', `/v1/pipelines/${encodeURIComponent(id)}/settings`, { settings }),
  pausePipeline: (id: string) => write<Json>('POST', `/v1/pipelines/${encodeURIComponent(id)}/pause`),
  resumePipeline: (id: string) => write<Json>('POST', `/v1/pipelines/${encodeURIComponent(id)}/resume`),
  governor: (signal?: AbortSignal) => read<GovernorState>('/v1/governor', {}, signal),
  pauseGovernor: () => write<Json>('POST', '/v1/governor/pause'),
  resumeGovernor: () => write<Json>('POST', '/v1/governor/resume'),
  connections: (signal?: AbortSignal) => read<Page<ConnectionInfo>>('/v1/connections', {}, signal),
  plugins: (signal?: AbortSignal) => read<Page<PluginInfo>>('/v1/plugins', {}, signal),
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
} as const;

function read<Answer>(path: string, query: Query, signal?: AbortSignal): Promise<Answer> {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(key, String(value));
  }
  const suffix = parameters.size > 0 ? `?${parameters.toString()}` : '';
  return send<Answer>(path + suffix, signal === undefined ? {} : { signal });
}

function write<Answer>(method: 'POST' | 'PUT', path: string, body: JsonObject = {}): Promise<Answer> {
  return send<Answer>(path, {
    method,
    headers: { 'content-type': 'application/json', 'x-tendril-csrf': '1' },
    body: JSON.stringify(body),
  });
}

async function send<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(path, {
    credentials: 'include',
    cache: 'no-store',
    ...init,
    headers: { accept: 'application/json', ...(init.headers as Record<string, string> | undefined) },
  });
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
