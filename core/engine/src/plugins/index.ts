export { createPluginHost } from './create-plugin-host.ts';
export type { PluginHost, PluginHostOptions } from './plugin-host.ts';
export type { ActionRun } from './run-actions.ts';
export type { DescribedConnectionKind } from './describe-kind.ts';
export type { IncidentBudget } from './incidents.ts';
export type { EnableOptions } from './enablement.ts';
export { describePermissions, diffPermissions, permissionsHash } from './permissions/describe-permissions.ts';
export type { PermissionDifference } from './permissions/describe-permissions.ts';
export { effectivePermissions } from './permissions/grants.ts';
export type { Permissions } from './permissions/claims.ts';
export type {
  CheckedPlugin,
  CheckResult,
  CompiledSchema,
  HandlerKind,
  Isolation,
  LoadedAction,
  LoadedPlugin,
  LockedPlugin,
  PluginIncident,
  PluginRunner,
  PluginSource,
  RunsIn,
  SourceDescription,
} from './contract.ts';
export { createSourceHost } from './plugin-triggers-connection.ts';
export type { SourceHost, SourceRun } from './plugin-triggers-connection.ts';
export type { LoadedTrigger } from './plugin-triggers.ts';
export { CALL_EXPRESSIONS } from './call-expressions.ts';
export { canonicalJson } from '../canonical-json.ts';
export { checkManifest, checkManifests } from './check/check-manifests.ts';
export { createRunner, declaredHandlers } from './runner.ts';
export { examinePlugin } from './examine-plugin.ts';
export { describeChannels } from './describe-channels.ts';
export { describeSources } from './describe-sources.ts';
export { toLoadedActions } from './loaded-plugin.ts';
export type { BroughtCalls, CallAction, Ceiling, NestedCall, OpenFolder } from './handler-run.ts';
export type { HandlerResult } from './run-handler.ts';
export { createLockKeeper } from './lock-keeper.ts';
export type { LockKeeper } from './lock-keeper.ts';
export type { PluginLock } from './lock.ts';
export { createLimiter } from './broker/limiter.ts';
export type { Limiter, Rate } from './broker/limiter.ts';
export type { Network, NetworkOptions, OpenStream, ResolveName } from './broker/network.ts';
export { currentScope, outside } from './broker/egress-scope.ts';
export type { EgressScope } from './broker/egress-scope.ts';
export { durationMs } from './duration.ts';
export { resolveReferences } from './resolve-references.ts';
export { createSchemaCompiler } from './schema-compiler.ts';
export { READY_PIPELINES, readyPipelineName } from './ready-pipelines.ts';
export { createPanels } from './plugin-panels.ts';
export type { PanelsOptions } from './plugin-panels.ts';
export { toPointer, valueAt } from './pointer.ts';
export { isPluginWebhookPath, PluginWebhookAddresses } from './webhooks/addresses.ts';
export { createReceiveDelivery } from './webhooks/receive-delivery.ts';
export { DELIVERIES, DELIVERIES_KEPT_MS } from './webhooks/tables.ts';
export { createPluginWebhookService } from './webhooks/webhook-service.ts';
export { SECRET_NAME } from './redact.ts';
export { checkCandidate } from './upgrade/check-candidate.ts';
export { breaksOf, compareContributions } from './upgrade/compare-contributions.ts';
