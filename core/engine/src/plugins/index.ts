export { createPluginHost } from './create-plugin-host.ts';
export type { ActionRun, DescribedConnectionKind, PluginHost, PluginHostOptions } from './create-plugin-host.ts';
export type {
  CheckedPlugin,
  CheckResult,
  CompiledSchema,
  HandlerKind,
  Isolation,
  LoadedAction,
  LoadedPlugin,
  PluginIncident,
  PluginRunner,
  PluginSource,
  RunsIn,
  SourceDescription,
} from './contract.ts';
export { createSourceHost } from './plugin-triggers-connection.ts';
export type { SourceHost, SourceRun } from './plugin-triggers-connection.ts';
export type { LoadedTrigger } from './plugin-triggers.ts';
export { canonicalJson } from '../canonical-json.ts';
export { checkManifest, checkManifests } from './check/check-manifests.ts';
export { createRunner, declaredHandlers } from './runner.ts';
export { examinePlugin } from './examine-plugin.ts';
export { describeChannels } from './describe-channels.ts';
export { describeSources } from './describe-sources.ts';
export { toLoadedActions } from './loaded-plugin.ts';
export type { CallAction, Ceiling, NestedCall } from './handler-run.ts';
export type { HandlerResult } from './run-handler.ts';
export { createLockKeeper } from './lock-keeper.ts';
export type { LockKeeper } from './lock-keeper.ts';
export type { LockedPlugin, PluginLock } from './lock.ts';
export { createLimiter } from './broker/limiter.ts';
export type { Limiter, Rate } from './broker/limiter.ts';
export type { Network, NetworkOptions, OpenStream, ResolveName } from './broker/network.ts';
export { outside } from './broker/egress-scope.ts';
export { durationMs } from './duration.ts';
export { toPointer, valueAt } from './pointer.ts';
export { SECRET_NAME } from './redact.ts';
