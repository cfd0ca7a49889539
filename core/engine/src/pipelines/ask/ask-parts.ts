import type { Clock, JsonObject, LoggedEvent } from '@tendril/plugin-api';
import type { ActionDescription, ActionPath, ActionRequest } from '../../actions/contract.ts';
import type { EnvironmentName } from '../../environments.ts';
import type { ResolvePeople } from '../../events/index.ts';
import type { GovernorService } from '../../hub.ts';
import type { Stores } from '../../ports.ts';
import type { TenantOpener } from '../../tenants/contract.ts';
import { checkPipeline } from '../check/check-pipeline.ts';
import type { CheckEnvironment, CheckResult } from '../check/check-pipeline.ts';
import type { PipelineFault, PipelineService, RunService } from '../contract.ts';
import { effectiveSettings } from '../deployments.ts';
import type { Deployed, Deployments } from '../deployments.ts';
import { readProfile as readOneProfile } from '../starts/profiles.ts';
import type { SimulatedAnswer } from './simulated-actions.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What asking needs of the hub. */
export interface AskParts {
  readonly tenantId: string;
  readonly tenants: TenantOpener;
  readonly actions: ActionPath;
  readonly governor: GovernorService;
  readonly pipelines: PipelineService;
  readonly runs: RunService;
  readonly deployments: Deployments;
  readonly environment: (environment: EnvironmentName) => CheckEnvironment;
  readonly resolvePeople: ResolvePeople;
  readonly profileCapability: string;
  /** Fresh stores in memory, for simulations. */
  readonly createStores: (clock: VirtualTime) => Stores;
  readonly clock: Clock;
}

/** The pipeline that is meant: the text of a file, or the id of a deployed one. */
export type Asked = { readonly source: string } | { readonly id: string };

/** A pipeline that may be played. */
export interface AskedPipeline {
  readonly source: string;
  readonly id: string;
  readonly settings: JsonObject;
  readonly checked: Required<Pick<CheckResult, 'definition' | 'compiled'>>;
}

/** Reads and checks what is asked about. @throws TendrilError PIPELINE_UNKNOWN */
export async function readAsked(
  parts: AskParts,
  asked: Asked,
  options: { readonly settings?: JsonObject; readonly environment?: EnvironmentName },
): Promise<AskedPipeline | { readonly faults: readonly PipelineFault[] }> {
  const { environment = 'production', settings = {} } = options;
  const deployed = 'id' in asked ? await parts.pipelines.get(asked.id, environment) : undefined;
  if ('id' in asked && deployed === undefined) await parts.pipelines.versions(asked.id);
  const source = 'source' in asked ? asked.source : (deployed?.source ?? '');
  const { faults, definition, compiled } = await checkPipeline(source, undefined, parts.environment(environment));
  if (definition === undefined || compiled === undefined) return { faults };
  return { source, id: definition.pipeline, settings: { ...deployed?.settings, ...settings }, checked: { definition, compiled } };
}

/** The pipeline as if it were in force, with the settings that were asked for. */
export function asDeployed({ id, settings, checked }: AskedPipeline): Deployed {
  const { compiled } = checked;
  const about = { id, environment: 'production', version: 1, isPaused: false, holdsRuns: false, deployedAt: 0, history: [] } as const;
  return { record: { ...about, settings }, compiled, settings: effectiveSettings(compiled, settings) };
}

/** The profile as expressions read it, as it is today; `undefined` when there is none. */
export function readProfile({ actions, tenantId }: AskParts, personId: string): Promise<JsonObject | undefined> {
  return readOneProfile(actions, tenantId, personId, false);
}

/** The profile that an event belongs to, as far as somebody knows. */
export async function personOfEvent(parts: AskParts, event: LoggedEvent): Promise<string | undefined> {
  const [id] = await parts.resolvePeople(parts.tenantId, [event]);
  return id;
}

/** Reads are done, once for equal inputs; everything else is left to the manifest. */
export function realReads(parts: AskParts): (action: ActionDescription, request: ActionRequest) => Promise<SimulatedAnswer | undefined> {
  const known = new Map<string, Promise<SimulatedAnswer>>();
  return async (action, request) => {
    if (action.effect !== 'read') return undefined;
    const key = JSON.stringify([action.name, request.connection ?? null, request.input]);
    const asked = known.get(key) ?? read(parts, request);
    known.set(key, asked);
    // What failed may pass when the step tries it again.
    asked.catch(() => known.delete(key));
    return asked;
  };
}

async function read(parts: AskParts, request: ActionRequest): Promise<SimulatedAnswer> {
  const { beforeEffect: _beforeEffect, signal: _signal, ...rest } = request;
  const { output } = await parts.actions.execute({ ...rest, tenantId: parts.tenantId });
  return { output, by: 'action' };
}
