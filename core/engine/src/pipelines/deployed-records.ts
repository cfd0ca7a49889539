import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject, Row } from '@tendril/plugin-api';
import { ENVIRONMENTS } from '../environments.ts';
import type { EnvironmentName } from '../environments.ts';
import type { Change, TenantState } from '../ports.ts';
import { queryAll } from '../tenants/index.ts';
import type { Definition } from './definition.ts';
import { AWAITED, DEFINITIONS, DEPLOYED } from './tables.ts';

/** One version of a pipeline, as it is kept for ever. */
export interface DefinitionRecord {
  /** `id@version`. */
  readonly key: string;
  readonly id: string;
  readonly version: number;
  readonly source: string;
  readonly definition: Definition;
  readonly createdAt: number;
}

/** Which version of a pipeline is in force in an environment. */
export interface DeployedRecord {
  /** Of the pipeline. */
  readonly id: string;
  readonly environment: EnvironmentName;
  readonly version: number;
  readonly isPaused: boolean;
  /** While it is paused, runs in flight do not begin another step. */
  readonly holdsRuns: boolean;
  /** Only those that somebody has set. */
  readonly settings: JsonObject;
  readonly deployedAt: number;
  /** Versions that were in force here before, the last one first. */
  readonly history: readonly number[];
}

/** A row of what is deployed, with the version that a change expects. */
export interface DeployedRow {
  readonly record: DeployedRecord;
  readonly rowVersion: number;
}

/** The key under which it is kept which version is in force. */
export function deployedKey(id: string, environment: EnvironmentName): string {
  return environment === 'production' ? id : `${id}@${environment}`;
}

/** The change that puts a record in force. @param expect version of the row that was read, 0 when there was none */
export function putDeployed(record: DeployedRecord, expect: number): Change {
  const { id, ...rest } = record;
  const value = { ...rest, id: deployedKey(id, record.environment), pipeline: id };
  return { op: 'put', table: DEPLOYED, value: value as unknown as JsonObject, expect };
}

/** Reads a row; those of the first release have neither environment nor history. */
export function fromDeployedRow({ value, version }: Row): DeployedRow {
  const { pipeline, ...rest } = value as unknown as Partial<DeployedRecord> & StoredAlways;
  const record = { environment: 'production', holdsRuns: false, history: [], ...rest, id: pipeline ?? rest.id } as const;
  return { record, rowVersion: version };
}

type StoredAlways = Omit<DeployedRecord, 'environment' | 'holdsRuns' | 'history'> & { readonly pipeline?: string };

/** What is in force in an environment; `undefined` when nothing of that id is. */
export async function readDeployed(state: TenantState, id: string, environment: EnvironmentName): Promise<DeployedRow | undefined> {
  const [row] = await state.get(DEPLOYED, [deployedKey(id, environment)]);
  return row && fromDeployedRow(row);
}

/** What is in force anywhere. */
export async function readAllDeployed(state: TenantState): Promise<readonly DeployedRecord[]> {
  return (await queryAll(state, DEPLOYED)).map((row) => fromDeployedRow(row).record);
}

/** In which environments which version of one pipeline is in force. */
export async function readInForce(state: TenantState, id: string): Promise<readonly DeployedRecord[]> {
  const rows = await state.get(
    DEPLOYED,
    ENVIRONMENTS.map((environment) => deployedKey(id, environment)),
  );
  return rows.flatMap((row) => (row === undefined ? [] : [fromDeployedRow(row).record]));
}

/** @throws TendrilError PIPELINE_UNKNOWN */
export async function readDefinition(state: TenantState, id: string, version: number): Promise<DefinitionRecord> {
  const [row] = await state.get(DEFINITIONS, [`${id}@${String(version)}`]);
  if (row === undefined) throw new TendrilError('PIPELINE_UNKNOWN', { pipeline: id, version });
  return row.value as unknown as DefinitionRecord;
}

/** The newest version that there is, in force or not. */
export async function readNewest(state: TenantState, id: string): Promise<DefinitionRecord | undefined> {
  const { items } = await state.query(DEFINITIONS, { index: 'by_version', equals: { id }, order: 'descending', limit: 1 });
  return items[0]?.value as unknown as DefinitionRecord | undefined;
}

/** Every version that there is, newest first. */
export async function readVersions(state: TenantState, id: string): Promise<readonly DefinitionRecord[]> {
  const rows = await queryAll(state, DEFINITIONS, { index: 'by_version', equals: { id }, order: 'descending' });
  return rows.map((row) => row.value as unknown as DefinitionRecord);
}

/** The changes that make names of events known as waited for. They stay: nobody knows when the last run that waits has ended. */
export function awaitedChanges(names: Iterable<string>): readonly Change[] {
  return [...names].map((name) => ({ op: 'put', table: AWAITED, value: { key: hash('sha256', name, 'hex'), name } }));
}

/** Names of events that steps may wait for. */
export async function readAwaited(state: TenantState): Promise<ReadonlySet<string>> {
  return new Set((await queryAll(state, AWAITED)).map((row) => row.value['name'] as string));
}
