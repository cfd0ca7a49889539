import actions from './actions.schema.json' with { type: 'json' };
import agents from './agents.schema.json' with { type: 'json' };
import approvals from './approvals.schema.json' with { type: 'json' };
import apps from './apps.schema.json' with { type: 'json' };
import ask from './ask.schema.json' with { type: 'json' };
import broadcasts from './broadcasts.schema.json' with { type: 'json' };
import common from './common.schema.json' with { type: 'json' };
import connections from './connections.schema.json' with { type: 'json' };
import consumers from './consumers.schema.json' with { type: 'json' };
import eventSchemas from './event-schemas.schema.json' with { type: 'json' };
import contributions from './contributions.schema.json' with { type: 'json' };
import events from './events.schema.json' with { type: 'json' };
import governor from './governor.schema.json' with { type: 'json' };
import health from './health.schema.json' with { type: 'json' };
import hooks from './hooks.schema.json' with { type: 'json' };
import ingest from './ingest.schema.json' with { type: 'json' };
import overview from './overview.schema.json' with { type: 'json' };
import people from './people.schema.json' with { type: 'json' };
import pipelines from './pipelines.schema.json' with { type: 'json' };
import plugins from './plugins.schema.json' with { type: 'json' };
import runs from './runs.schema.json' with { type: 'json' };
import sandbox from './sandbox.schema.json' with { type: 'json' };
import tenants from './tenants.schema.json' with { type: 'json' };

/** A file of the folder: schemas by name. */
export interface SchemaFile {
  readonly $id: string;
  readonly $defs: Readonly<Record<string, object>>;
}

/** Every schema file of the HTTP API. Names under `$defs` are unique over all files. */
export const SCHEMA_FILES: readonly SchemaFile[] = [
  actions,
  agents,
  approvals,
  apps,
  ask,
  broadcasts,
  common,
  connections,
  consumers,
  contributions,
  eventSchemas,
  events,
  governor,
  health,
  hooks,
  ingest,
  overview,
  people,
  pipelines,
  plugins,
  runs,
  sandbox,
  tenants,
];
