import type { Manifest } from '@tendril/schemas';
import type { Problem } from '../../hub.ts';
import { cronProblem } from '../../cron.ts';
import { nearestName } from '../../nearest-name.ts';
import type { PluginSchemas } from '../contract.ts';
import { compileNamePatterns } from '../name-patterns.ts';
import { toPointer } from '../pointer.ts';
import { checkPanels } from './check-panels.ts';
import { checkRoutes } from './check-routes.ts';
import { checkWebhooks } from './check-webhooks.ts';
import { checkAgents, checkDrivers } from './check-agents.ts';
import { checkMigrations } from './check-migrations.ts';

/** Adds a problem. */
type Report = (pointer: string, message: string, suggestion?: string) => void;
type Check = (manifest: Manifest, schemas: PluginSchemas, report: Report) => void;

/** What the manifest's parts say of each other: names that exist, and nothing contributed that no permission covers. */
export function checkConsistency(manifest: Manifest, schemas: PluginSchemas): readonly Problem[] {
  const problems: Problem[] = [];
  const report: Report = (pointer, message, suggestion) =>
    problems.push({ pointer, message, ...(suggestion !== undefined && { suggestion }) });
  for (const check of [checkActions, checkConnections, checkEvents, checkTables, checkReferences, checkSchedules])
    check(manifest, schemas, report);
  checkRoutes(manifest, report);
  checkWebhooks(manifest, schemas, report);
  checkPanels(manifest, schemas, report);
  checkAgents(manifest, report);
  checkDrivers(manifest, report);
  checkMigrations(manifest, report);
  return problems;
}

const checkActions: Check = ({ connections, contributes, permissions }, _schemas, report) => {
  const kinds = Object.keys(connections ?? {});
  const channels = [...Object.keys(contributes.channels ?? {}), ...(permissions?.channels ?? [])];
  for (const [id, action] of Object.entries(contributes.actions ?? {})) {
    const at = toPointer('contributes', 'actions', id);
    for (const kind of [action.connection ?? []].flat()) {
      if (!kinds.includes(kind))
        report(`${at}/connection`, `names ${kind}, which is no kind of connection of this manifest`, nearestName(kind, kinds));
    }
    if (action.send !== undefined && !channels.includes(action.send.channel)) {
      report(`${at}/send/channel`, 'is neither contributed nor among permissions.channels', nearestName(action.send.channel, channels));
    }
    if (action.spend !== undefined && permissions?.money === undefined) report(`${at}/spend`, 'needs permissions.money');
    for (const [field, { action: source }] of Object.entries(action.dynamic ?? {}))
      mustRead(contributes, source, `${at}/dynamic${toPointer(field)}/action`, report);
  }
};

const checkConnections: Check = ({ connections, contributes, permissions }, _schemas, report) => {
  const kinds = Object.keys(connections ?? {});
  for (const [index, kind] of (permissions?.connections ?? []).entries()) {
    if (!kinds.includes(kind))
      report(
        `/permissions/connections/${index}`,
        `names ${kind}, which is no kind of connection of this manifest`,
        nearestName(kind, kinds),
      );
  }
  for (const [kind, { test }] of Object.entries(connections ?? {}))
    if (test !== undefined) mustRead(contributes, test, `/connections${toPointer(kind)}/test`, report);
};

const checkEvents: Check = ({ contributes, permissions }, _schemas, report) => {
  const readable = permissions?.events?.read ?? [];
  const mayRead = compileNamePatterns(readable);
  for (const [id, consumer] of Object.entries(contributes.consumers ?? {})) {
    for (const [index, name] of consumer.events.entries()) {
      const isCovered = name === '*' ? readable.includes('*') : mayRead(name);
      if (!isCovered)
        report(
          `${toPointer('contributes', 'consumers', id)}/events/${index}`,
          'is not among permissions.events.read',
          nearestName(name, readable),
        );
    }
    const tables = Object.keys(contributes.tables ?? {});
    for (const [index, table] of (consumer.derives ?? []).entries()) {
      if (tables.includes(table)) continue;
      report(
        `${toPointer('contributes', 'consumers', id)}/derives/${index}`,
        `names ${table}, which is no table of this manifest`,
        nearestName(table, tables),
      );
    }
  }
};

const checkTables: Check = ({ contributes, permissions }, schemas, report) => {
  for (const [id, table] of Object.entries(contributes.tables ?? {})) {
    const at = toPointer('contributes', 'tables', id);
    if (permissions?.storage?.includes('tables') !== true) report(at, 'needs `tables` among permissions.storage');
    const schema = schemas.tables.get(id)?.schema;
    const properties: unknown = typeof schema === 'object' ? schema['properties'] : undefined;
    if (typeof properties !== 'object' || properties === null) continue;
    const known = Object.keys(properties);
    const mustExist = (field: string, pointer: string): void => {
      if (!known.includes(field)) report(pointer, `names ${field}, which the schema does not`, nearestName(field, known));
    };
    mustExist(table.key, `${at}/key`);
    for (const [index, field] of (table.personal ?? []).entries()) mustExist(field, `${at}/personal/${index}`);
    for (const [name, { fields }] of Object.entries(table.indexes ?? {})) {
      for (const [index, field] of fields.entries()) mustExist(field, `${at}/indexes${toPointer(name)}/fields/${index}`);
    }
  }
};

const checkReferences: Check = ({ connections, contributes }, _schemas, report) => {
  for (const [id, { action }] of Object.entries(contributes.panels ?? {}))
    mustRead(contributes, action, `${toPointer('contributes', 'panels', id)}/action`, report);
  for (const [id, { action }] of Object.entries(contributes.channels ?? {})) {
    if (contributes.actions?.[action]?.effect !== 'send')
      report(`${toPointer('contributes', 'channels', id)}/action`, 'must name a `send` action of this plugin');
  }
  const webhooks = Object.keys(contributes.webhooks ?? {});
  const kinds = Object.keys(connections ?? {});
  for (const [id, { webhook, connection }] of Object.entries(contributes.triggers ?? {})) {
    if (connection !== undefined && !kinds.includes(connection))
      report(
        `${toPointer('contributes', 'triggers', id)}/connection`,
        `names ${connection}, which is no kind of connection of this manifest`,
        nearestName(connection, kinds),
      );
    if (webhook !== undefined && !webhooks.includes(webhook))
      report(`${toPointer('contributes', 'triggers', id)}/webhook`, 'must name a webhook of this plugin', nearestName(webhook, webhooks));
  }
};

const checkSchedules: Check = ({ contributes }, _schemas, report) => {
  for (const [id, { cron }] of Object.entries(contributes.schedules ?? {})) {
    const problem = cron === undefined ? undefined : cronProblem(cron);
    if (problem !== undefined) report(`${toPointer('contributes', 'schedules', id)}/cron`, problem);
  }
};

function mustRead(contributes: Manifest['contributes'], id: string, pointer: string, report: Report): void {
  const readers = Object.entries(contributes.actions ?? {})
    .filter(([, action]) => action.effect === 'read')
    .map(([name]) => name);
  if (!readers.includes(id)) report(pointer, 'must name a `read` action of this plugin', nearestName(id, readers));
}
