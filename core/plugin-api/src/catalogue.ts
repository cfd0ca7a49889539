/** What a caller may do about a failure. */
export type Remedy = 'fix-input' | 'retry' | 'reconnect' | 'report';

/** One row of the catalogue; `status` is the HTTP status the API answers with. */
export interface ErrorSpec {
  readonly status: number;
  readonly remedy: Remedy;
  readonly text: string;
}

/** Every failure that Tendril names. A published code is never renamed or reused; texts hold no values. */
export const CATALOGUE = {
  // requests and authentication
  REQUEST_MALFORMED: { status: 400, remedy: 'fix-input', text: 'The request is not valid JSON of the expected shape.' },
  REQUEST_TOO_LARGE: { status: 413, remedy: 'fix-input', text: 'The request is larger than the limit.' },
  REQUEST_THROTTLED: { status: 429, remedy: 'retry', text: 'Too many requests; try again after the time in Retry-After.' },
  ROUTE_UNKNOWN: { status: 404, remedy: 'fix-input', text: 'There is nothing at this address.' },
  INPUT_INVALID: { status: 422, remedy: 'fix-input', text: 'The input does not match its schema.' },
  NOT_FOUND: { status: 404, remedy: 'fix-input', text: 'There is no such thing.' },
  ALREADY_EXISTS: { status: 409, remedy: 'fix-input', text: 'One with this name exists already.' },
  KEY_MISSING: {
    status: 401,
    remedy: 'fix-input',
    text: 'A key is needed: send it as the user name of Basic authentication or as a bearer token.',
  },
  KEY_INVALID: { status: 401, remedy: 'fix-input', text: 'The key is unknown, expired or revoked.' },
  KEY_SCOPE_MISSING: { status: 403, remedy: 'fix-input', text: 'The key lacks the scope that this needs.' },
  SESSION_MISSING: { status: 401, remedy: 'fix-input', text: 'Open the page by the link that `tendril start` prints.' },
  ORIGIN_REFUSED: { status: 403, remedy: 'fix-input', text: 'This origin is not among those the app allows.' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, remedy: 'fix-input', text: 'The idempotency key was used before with another input.' },
  // events
  EVENT_INVALID: { status: 422, remedy: 'fix-input', text: 'The event does not match the schema of its name.' },
  EVENT_TOO_LARGE: { status: 413, remedy: 'fix-input', text: 'One event may have at most 32 KB.' },
  BATCH_TOO_LARGE: { status: 413, remedy: 'fix-input', text: 'One batch may have at most 500 KB.' },
  EVENT_HOPS_EXCEEDED: { status: 422, remedy: 'report', text: 'The event was caused by too long a chain of events; a loop was cut.' },
  // manifests and plugins
  MANIFEST_INVALID: { status: 422, remedy: 'fix-input', text: 'The manifest does not match its schema.' },
  PLUGIN_UNKNOWN: { status: 404, remedy: 'fix-input', text: 'No plugin of this id is installed.' },
  PLUGIN_DISABLED: { status: 409, remedy: 'fix-input', text: 'The plugin is not enabled for this tenant.' },
  PLUGIN_REQUIREMENT_MISSING: {
    status: 422,
    remedy: 'fix-input',
    text: 'The plugin needs another one that is missing or of another version.',
  },
  PLUGIN_REQUIRED_BY: { status: 409, remedy: 'fix-input', text: 'Other enabled plugins need this one.' },
  PLUGIN_IMPLEMENTATION_MISMATCH: { status: 500, remedy: 'report', text: 'The plugin implements more or less than its manifest declares.' },
  PLUGIN_FAULTY: { status: 500, remedy: 'report', text: 'The plugin failed in a way that it did not declare.' },
  PLUGIN_SETTINGS_INVALID: { status: 422, remedy: 'fix-input', text: "The settings do not match the plugin's schema." },
  PERMISSION_DENIED: { status: 403, remedy: 'fix-input', text: 'The plugin did not declare that it needs this.' },
  EGRESS_DENIED: { status: 403, remedy: 'fix-input', text: 'The plugin tried to reach a host that it may not reach.' },
  PLUGIN_CONSENT_NEEDED: {
    status: 409,
    remedy: 'fix-input',
    text: 'The plugin asks for permissions that nobody has consented to yet.',
  },
  PLUGIN_NOT_INSTALLED_HERE: { status: 503, remedy: 'retry', text: 'This process has not installed the plugin that the installation has.' },
  PLUGIN_UPGRADE_BLOCKED: { status: 409, remedy: 'fix-input', text: 'The upgrade would break what is deployed.' },
  PLUGIN_REVOKED: { status: 409, remedy: 'fix-input', text: 'The registry has revoked this version of the plugin.' },
  PLUGIN_STOPPED: { status: 503, remedy: 'report', text: 'The plugin was stopped because it failed too often.' },
  PLUGIN_LIMIT_EXCEEDED: { status: 500, remedy: 'report', text: 'The plugin used more than it may.' },
  PLUGIN_CRASHED: { status: 503, remedy: 'retry', text: "The plugin's process ended while it worked." },
  PLUGIN_MIGRATING: { status: 503, remedy: 'retry', text: "The plugin's tables are being changed for its new version." },
  PACKAGE_INVALID: { status: 422, remedy: 'fix-input', text: 'The package is no plugin that can be installed.' },
  PACKAGE_INTEGRITY: { status: 422, remedy: 'report', text: 'The package is not the one that was published.' },
  LOCK_INVALID: { status: 500, remedy: 'fix-input', text: 'The file tendril.lock is not valid.' },
  REGISTRY_UNKNOWN: { status: 404, remedy: 'fix-input', text: 'There is no registry of this name.' },
  REGISTRY_UNREACHABLE: { status: 503, remedy: 'retry', text: 'The registry does not answer.' },
  REGISTRY_UNTRUSTED: { status: 422, remedy: 'report', text: "The registry's index is not signed by a key that is trusted for it." },
  REGISTRY_STALE: { status: 409, remedy: 'report', text: "The registry's index is out of date or older than one seen before." },
  REGISTRY_INVALID: { status: 422, remedy: 'report', text: 'What the registry serves is not what a registry may serve.' },
  AGENT_BOUND_EXCEEDED: { status: 409, remedy: 'fix-input', text: 'The agent has reached one of its bounds.' },
  AGENT_NEEDS_APPROVAL: { status: 409, remedy: 'fix-input', text: 'The agent needs the approval of a person for this.' },
  MODEL_MISSING: { status: 409, remedy: 'fix-input', text: 'No enabled plugin provides a model for this.' },
  DRIVER_MISSING: { status: 409, remedy: 'fix-input', text: 'No enabled plugin provides the driver that this needs.' },
  ANALYTICS_NOT_HERE: {
    status: 503,
    remedy: 'fix-input',
    text: 'This process does not own the columnar copy of the events: ask one that has the role analytics.',
  },
  CALL_ENDED: { status: 500, remedy: 'report', text: 'The plugin used a call after its handler had ended.' },
  // actions
  ACTION_UNKNOWN: { status: 404, remedy: 'fix-input', text: 'There is no such action.' },
  ACTION_INPUT_INVALID: { status: 422, remedy: 'fix-input', text: 'The input does not match the schema of the action.' },
  ACTION_OUTPUT_INVALID: { status: 502, remedy: 'report', text: 'The action answered something that does not match its schema.' },
  ACTION_TIMEOUT: { status: 504, remedy: 'retry', text: 'The action did not end in its time.' },
  ACTION_ABORTED: { status: 503, remedy: 'retry', text: 'The action was stopped before it ended.' },
  ACTION_HELD_BACK: { status: 409, remedy: 'fix-input', text: 'The governor held this back.' },
  ACTION_NEEDS_REVIEW: { status: 409, remedy: 'fix-input', text: 'It is not known whether the effect took place; a person has to decide.' },
  // outside services
  UPSTREAM_THROTTLED: { status: 503, remedy: 'retry', text: 'The remote service asked us to slow down.' },
  UPSTREAM_UNAVAILABLE: { status: 503, remedy: 'retry', text: 'The remote service did not answer as it should.' },
  UPSTREAM_REJECTED: { status: 422, remedy: 'fix-input', text: 'The remote service refused the request.' },
  UPSTREAM_UNAUTHORIZED: {
    status: 401,
    remedy: 'reconnect',
    text: 'The remote service no longer accepts the credentials of the connection.',
  },
  // connections and keys
  CONNECTION_UNKNOWN: { status: 404, remedy: 'fix-input', text: 'There is no connection of this name.' },
  CONNECTION_MISSING: { status: 409, remedy: 'reconnect', text: 'The action needs a connection and none is set up.' },
  CONNECTION_INVALID: { status: 422, remedy: 'fix-input', text: 'The values of the connection do not match its schema.' },
  CONNECTION_NOT_SANDBOX: { status: 409, remedy: 'fix-input', text: 'What comes from a test app may reach sandboxes only.' },
  VAULT_KEY_MISSING: { status: 500, remedy: 'report', text: 'The key that sealed this is not at hand.' },
  VAULT_TAMPERED: { status: 500, remedy: 'report', text: 'Sealed data does not open; it was changed or the key is another one.' },
  // pipelines and runs
  PIPELINE_INVALID: { status: 422, remedy: 'fix-input', text: 'The pipeline has faults.' },
  PIPELINE_UNKNOWN: { status: 404, remedy: 'fix-input', text: 'There is no pipeline of this name.' },
  PIPELINE_PAUSED: { status: 409, remedy: 'fix-input', text: 'The pipeline is paused.' },
  PIPELINE_UNKNOWN_ACTION: { status: 422, remedy: 'fix-input', text: 'The step names an action that no installed plugin contributes.' },
  EXPRESSION_INVALID: { status: 422, remedy: 'fix-input', text: 'The expression does not compile.' },
  EXPRESSION_FAILED: { status: 422, remedy: 'fix-input', text: 'The expression could not be evaluated.' },
  RUN_NOT_STARTED: { status: 409, remedy: 'fix-input', text: 'The trigger or a limit of the pipeline kept the run from being started.' },
  RUN_UNKNOWN: { status: 404, remedy: 'fix-input', text: 'There is no such run.' },
  RUN_NOT_IN_REVIEW: { status: 409, remedy: 'fix-input', text: 'The run has no step that waits for a decision.' },
  RUN_FAILED: { status: 422, remedy: 'fix-input', text: 'The pipeline ended the run as failed.' },
  WEBHOOK_UNVERIFIED: { status: 401, remedy: 'fix-input', text: 'The sender of the webhook has not proven who it is.' },
  PIPELINE_DEADLOCK: { status: 422, remedy: 'fix-input', text: 'The pipeline would wait for a serial key that this run holds itself.' },
  PIPELINE_CALL_DEPTH: { status: 422, remedy: 'fix-input', text: 'Pipelines call one another more than 10 deep.' },
  RUN_ENDED: { status: 409, remedy: 'fix-input', text: 'The run has ended already.' },
  RUN_CANCELLED: { status: 409, remedy: 'fix-input', text: 'Somebody has cancelled the run.' },
  RUN_OUTPUT_INVALID: { status: 422, remedy: 'fix-input', text: 'What the run gives is larger than the limit.' },
  APPROVAL_REJECTED: { status: 409, remedy: 'fix-input', text: 'Somebody has decided against it.' },
  PERSON_MISSING: { status: 422, remedy: 'fix-input', text: 'The run is about nobody, and the step needs a person.' },
  STEP_TIMEOUT: { status: 504, remedy: 'retry', text: 'The step did not end in its time.' },
  // storage
  CONFLICT: { status: 409, remedy: 'retry', text: 'Somebody else changed this in the meantime.' },
  JOB_DIED: { status: 500, remedy: 'report', text: 'The process that did this work ended, again and again.' },
  LEASE_LOST: { status: 409, remedy: 'retry', text: 'Another worker holds this now.' },
  STORE_UNAVAILABLE: { status: 503, remedy: 'retry', text: 'The store cannot be reached or written at the moment.' },
  STORE_FULL: { status: 507, remedy: 'retry', text: 'There is no room left on the disk.' },
  STORE_NEWER: { status: 500, remedy: 'report', text: 'The data was written by a newer version of Tendril.' },
  OVERLOADED: { status: 429, remedy: 'retry', text: 'More work is waiting than fits; try again after the time in Retry-After.' },
  // the installation
  CONFIG_INVALID: { status: 500, remedy: 'fix-input', text: 'The configuration of the hub is not valid.' },
  HUB_STOPPING: { status: 503, remedy: 'retry', text: 'The hub is stopping.' },
  INTERNAL: { status: 500, remedy: 'report', text: 'Something went wrong inside Tendril.' },
} as const satisfies Record<string, ErrorSpec>;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof CATALOGUE;
