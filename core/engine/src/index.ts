export { createHub, HUB_FAULT_POINTS } from './create-hub.ts';
export type { HubFaultPoint, HubOptions } from './create-hub.ts';
export { createOfflineChecker } from './offline-checker.ts';
export type { OfflineChecker, PipelineFile } from './offline-checker.ts';
export { createOfflineTester } from './offline-tester.ts';
export type { OfflineTester } from './offline-tester.ts';
export type { CaseProblem, CaseResult, TestResult } from './pipelines/index.ts';
export { systemRandom, systemTimers } from './environment.ts';
export type { Random, Timers } from './environment.ts';
export type {
  FoundPluginRoute,
  PluginRoute,
  PluginRouteCall,
  PluginRouteReply,
  PluginRoutes,
  RouteAuth,
} from './plugins/contributions.ts';
export type {
  ActionInfo,
  ActionService,
  AgentInfo,
  AgentService,
  ApiKey,
  App,
  AppService,
  Approval,
  AskService,
  BackfillInfo,
  BroadcastInfo,
  BroadcastService,
  ChannelInfo,
  ConditionPart,
  ConnectionInfo,
  ConnectionService,
  ConsumerService,
  DryRunOptions,
  EnvironmentName,
  EventSchemaService,
  EventService,
  Explanation,
  GovernorService,
  Health,
  Hub,
  HubRole,
  IngestOutcome,
  IngestService,
  InstalledPlugin,
  KeyService,
  LockDifference,
  LockHealth,
  Metric,
  NewApiKey,
  PipelineFault,
  PipelineInfo,
  PipelineService,
  PipelineVersion,
  PluginCatalogue,
  PluginFault,
  Principal,
  Problem,
  QuarantinedEvent,
  RawCall,
  Rehearsal,
  ReplayOptions,
  ReplaySummary,
  Run,
  RunFilter,
  RunInfo,
  RunService,
  RunState,
  Scope,
  Simulation,
  StartReason,
  StepInfo,
  Tenant,
  TenantAdmin,
  TenantHub,
  TenantKeyService,
  TenantPlugins,
  WebhookAnswer,
  WebhookReceiver,
  WebhookRequest,
  WebhookService,
  WouldCall,
} from './hub.ts';
export { diffPipelines, diffText, formatPipeline, graphPipeline, readDefinition, RUN_FAULT_POINTS } from './pipelines/index.ts';
export type { PipelineChange, PipelineDiff } from './pipelines/index.ts';
export type { PluginSource } from './plugins/index.ts';
export { nearestName } from './nearest-name.ts';
