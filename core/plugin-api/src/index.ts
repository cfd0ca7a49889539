export { CONTRACT_VERSION } from './version.ts';
export { CATALOGUE } from './catalogue.ts';
export type { ErrorCode, ErrorSpec, Remedy } from './catalogue.ts';
export { TendrilError } from './errors.ts';
export type { ErrorDetails } from './errors.ts';
export type { Json, JsonObject } from './json.ts';
export type { EmittedEvent, EventKind, Identities, LoggedEvent } from './event.ts';
export type { Aggregate, AggregateQuery, Page, Row, Table, TableQuery } from './tables.ts';
export type { Changes, Expectation } from './changes.ts';
export type { ActionCaller, Agents, Call, Clock, Connection, KeyValue, Logger, NodeAgent, Permit } from './call.ts';
export type {
  Analytics,
  AnalyticsAnswer,
  AnalyticsAnswers,
  AnalyticsBatch,
  AnalyticsEvent,
  AnalyticsFilter,
  AnalyticsFreshness,
  AnalyticsInterval,
  AnalyticsProperty,
  AnalyticsQuestion,
  AnalyticsScope,
  AnalyticsSplit,
  BreakdownAnswer,
  BreakdownQuestion,
  CountQuestion,
  EventSelection,
  FunnelAnswer,
  FunnelQuestion,
  FunnelStep,
  MeasuredAnswer,
  MeasuredGroup,
  NamesAnswer,
  NamesQuestion,
  NumberQuestion,
  PagesAnswer,
  PagesQuestion,
  PathsAnswer,
  PathsQuestion,
  PersonLink,
  RetentionAnswer,
  RetentionQuestion,
  Scalar,
  SeriesPoint,
  SessionFigures,
  SessionsAnswer,
  SessionsQuestion,
  UniquesQuestion,
} from './analytics.ts';
export type { AnalyticsDriver, DriverContract, DriverContracts, DriverOf, EmbeddingsDriver, TextGenerationDriver } from './drivers.ts';
export type { EventAccess, EventRange, EventStretch, StartedPipeline, TakenIn } from './event-access.ts';
export type {
  Expression,
  ExpressionCall,
  ExpressionComparison,
  ExpressionEnvironment,
  Expressions,
  ExpressionFunction,
  ExpressionType,
} from './expressions.ts';
export type { Models, TextAnswer, TextRequest } from './models.ts';
export { definePlugin } from './plugin.ts';
export type {
  ActionHandler,
  AgentDecision,
  AgentHandler,
  AgentObservation,
  CheckHandler,
  ConsumerHandler,
  EffectCheck,
  Host,
  Plugin,
  PollAnswer,
  PollHandler,
  PushHandler,
  PushRequest,
  RouteAnswer,
  RouteHandler,
  RouteRequest,
  ScheduleHandler,
  WebhookDelivery,
  WebhookHandler,
} from './plugin.ts';
