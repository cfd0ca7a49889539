import ActionsFields from './actions/fields.ts';
import ActionsList from './actions/list.ts';
import ActionsRun from './actions/run.ts';
import AgentsList from './agents/list.ts';
import AgentsTick from './agents/tick.ts';
import AnalyticsCount from './analytics/count.ts';
import AnalyticsFunnel from './analytics/funnel.ts';
import AnalyticsRebuild from './analytics/rebuild.ts';
import AnalyticsRetention from './analytics/retention.ts';
import AnalyticsStatus from './analytics/status.ts';
import ApprovalsApprove from './approvals/approve.ts';
import ApprovalsList from './approvals/list.ts';
import ApprovalsReject from './approvals/reject.ts';
import AppsCreate from './apps/create.ts';
import AppsList from './apps/list.ts';
import BackfillsCancel from './backfills/cancel.ts';
import BackfillsList from './backfills/list.ts';
import Backup from './backup.ts';
import BroadcastsCancel from './broadcasts/cancel.ts';
import BroadcastsList from './broadcasts/list.ts';
import BroadcastsPause from './broadcasts/pause.ts';
import BroadcastsResume from './broadcasts/resume.ts';
import BroadcastsSend from './broadcasts/send.ts';
import BroadcastsShow from './broadcasts/show.ts';
import ChannelsList from './channels/list.ts';
import ConnectionsAdd from './connections/add.ts';
import ConnectionsList from './connections/list.ts';
import ConnectionsRemove from './connections/remove.ts';
import ConnectionsTest from './connections/test.ts';
import Doctor from './doctor.ts';
import EventsQuarantine from './events/quarantine.ts';
import EventsSend from './events/send.ts';
import EventsTail from './events/tail.ts';
import GroupsList from './groups/list.ts';
import GroupsShow from './groups/show.ts';
import Init from './init.ts';
import KeysCreate from './keys/create.ts';
import KeysList from './keys/list.ts';
import KeysRevoke from './keys/revoke.ts';
import KeysRotate from './keys/rotate.ts';
import LeadsAssign from './leads/assign.ts';
import LeadsEnrich from './leads/enrich.ts';
import LeadsFormsDelete from './leads/forms/delete.ts';
import LeadsFormsList from './leads/forms/list.ts';
import LeadsFormsSave from './leads/forms/save.ts';
import LeadsFormsSendConfirmations from './leads/forms/send-confirmations.ts';
import LeadsFormsShow from './leads/forms/show.ts';
import LeadsImport from './leads/import.ts';
import LeadsImports from './leads/imports.ts';
import LeadsList from './leads/list.ts';
import LeadsQueue from './leads/queue.ts';
import LeadsShow from './leads/show.ts';
import Listen from './listen.ts';
import Pause from './pause.ts';
import PeopleDismiss from './people/dismiss.ts';
import PeopleDuplicates from './people/duplicates.ts';
import PeopleFind from './people/find.ts';
import PeopleMerge from './people/merge.ts';
import PeopleMerges from './people/merges.ts';
import PeopleRebuild from './people/rebuild.ts';
import PeopleShow from './people/show.ts';
import PeopleTimeline from './people/timeline.ts';
import PeopleUnmerge from './people/unmerge.ts';
import PipelinesBackfill from './pipelines/backfill.ts';
import PipelinesDeploy from './pipelines/deploy.ts';
import PipelinesDiff from './pipelines/diff.ts';
import PipelinesDryRun from './pipelines/dry-run.ts';
import PipelinesExplain from './pipelines/explain.ts';
import PipelinesFmt from './pipelines/fmt.ts';
import PipelinesGraph from './pipelines/graph.ts';
import PipelinesList from './pipelines/list.ts';
import PipelinesPause from './pipelines/pause.ts';
import PipelinesPromote from './pipelines/promote.ts';
import PipelinesRehearse from './pipelines/rehearse.ts';
import PipelinesResume from './pipelines/resume.ts';
import PipelinesRollback from './pipelines/rollback.ts';
import PipelinesRun from './pipelines/run.ts';
import PipelinesSettings from './pipelines/settings.ts';
import PipelinesShow from './pipelines/show.ts';
import PipelinesTest from './pipelines/test.ts';
import PipelinesUndeploy from './pipelines/undeploy.ts';
import PipelinesValidate from './pipelines/validate.ts';
import PipelinesVersions from './pipelines/versions.ts';
import PipelinesWebhookInfo from './pipelines/webhook/info.ts';
import PipelinesWebhookRotate from './pipelines/webhook/rotate.ts';
import PipelinesWebhookSecret from './pipelines/webhook/secret.ts';
import PipelinesWhy from './pipelines/why.ts';
import PlacesDecide from './places/decide.ts';
import PlacesDelete from './places/delete.ts';
import PlacesList from './places/list.ts';
import PlacesResults from './places/results.ts';
import PlacesSave from './places/save.ts';
import PlacesShow from './places/show.ts';
import PluginsAudit from './plugins/audit.ts';
import PluginsCreate from './plugins/create.ts';
import PluginsDev from './plugins/dev.ts';
import PluginsDisable from './plugins/disable.ts';
import PluginsEnable from './plugins/enable.ts';
import PluginsInfo from './plugins/info.ts';
import PluginsInstall from './plugins/install.ts';
import PluginsList from './plugins/list.ts';
import PluginsPack from './plugins/pack.ts';
import PluginsPipelinesAdd from './plugins/pipelines/add.ts';
import PluginsPipelinesList from './plugins/pipelines/list.ts';
import PluginsPublish from './plugins/publish.ts';
import PluginsRemove from './plugins/remove.ts';
import PluginsResume from './plugins/resume.ts';
import PluginsSearch from './plugins/search.ts';
import PluginsSign from './plugins/sign.ts';
import PluginsTest from './plugins/test.ts';
import PluginsTypes from './plugins/types.ts';
import PluginsUpgrade from './plugins/upgrade.ts';
import PluginsValidate from './plugins/validate.ts';
import PluginsVerify from './plugins/verify.ts';
import PluginsWebhooksList from './plugins/webhooks/list.ts';
import PluginsWebhooksRotate from './plugins/webhooks/rotate.ts';
import PluginsWebhooksSecret from './plugins/webhooks/secret.ts';
import RegistryAdd from './registry/add.ts';
import RegistryBuild from './registry/build.ts';
import RegistryCheck from './registry/check.ts';
import RegistryList from './registry/list.ts';
import RegistryRefresh from './registry/refresh.ts';
import RegistryRemove from './registry/remove.ts';
import RegistryRoot from './registry/root.ts';
import Restore from './restore.ts';
import Resume from './resume.ts';
import RunsCancel from './runs/cancel.ts';
import RunsList from './runs/list.ts';
import RunsReplay from './runs/replay.ts';
import RunsResolve from './runs/resolve.ts';
import RunsShow from './runs/show.ts';
import SegmentsDelete from './segments/delete.ts';
import SegmentsList from './segments/list.ts';
import SegmentsMembers from './segments/members.ts';
import SegmentsPreview from './segments/preview.ts';
import SegmentsSave from './segments/save.ts';
import SegmentsShow from './segments/show.ts';
import SegmentsWhy from './segments/why.ts';
import Start from './start.ts';
import TenantsCreate from './tenants/create.ts';
import TenantsList from './tenants/list.ts';
import TraitsDelete from './traits/delete.ts';
import TraitsList from './traits/list.ts';
import TraitsSave from './traits/save.ts';

/** Every command by its id; oclif reads a colon as a space. */
export const commands = {
  'actions:fields': ActionsFields,
  'actions:list': ActionsList,
  'actions:run': ActionsRun,
  'agents:list': AgentsList,
  'agents:tick': AgentsTick,
  'analytics:count': AnalyticsCount,
  'analytics:funnel': AnalyticsFunnel,
  'analytics:rebuild': AnalyticsRebuild,
  'analytics:retention': AnalyticsRetention,
  'analytics:status': AnalyticsStatus,
  'approvals:approve': ApprovalsApprove,
  'approvals:list': ApprovalsList,
  'approvals:reject': ApprovalsReject,
  'apps:create': AppsCreate,
  'apps:list': AppsList,
  'backfills:cancel': BackfillsCancel,
  'backfills:list': BackfillsList,
  backup: Backup,
  'broadcasts:cancel': BroadcastsCancel,
  'broadcasts:list': BroadcastsList,
  'broadcasts:pause': BroadcastsPause,
  'broadcasts:resume': BroadcastsResume,
  'broadcasts:send': BroadcastsSend,
  'broadcasts:show': BroadcastsShow,
  'channels:list': ChannelsList,
  'connections:add': ConnectionsAdd,
  'connections:list': ConnectionsList,
  'connections:remove': ConnectionsRemove,
  'connections:test': ConnectionsTest,
  doctor: Doctor,
  'events:quarantine': EventsQuarantine,
  'events:send': EventsSend,
  'events:tail': EventsTail,
  'groups:list': GroupsList,
  'groups:show': GroupsShow,
  init: Init,
  'keys:create': KeysCreate,
  'keys:list': KeysList,
  'keys:revoke': KeysRevoke,
  'keys:rotate': KeysRotate,
  'leads:assign': LeadsAssign,
  'leads:enrich': LeadsEnrich,
  'leads:forms:delete': LeadsFormsDelete,
  'leads:forms:list': LeadsFormsList,
  'leads:forms:save': LeadsFormsSave,
  'leads:forms:send-confirmations': LeadsFormsSendConfirmations,
  'leads:forms:show': LeadsFormsShow,
  'leads:import': LeadsImport,
  'leads:imports': LeadsImports,
  'leads:list': LeadsList,
  'leads:queue': LeadsQueue,
  'leads:show': LeadsShow,
  listen: Listen,
  pause: Pause,
  'people:dismiss': PeopleDismiss,
  'people:duplicates': PeopleDuplicates,
  'people:find': PeopleFind,
  'people:merge': PeopleMerge,
  'people:merges': PeopleMerges,
  'people:rebuild': PeopleRebuild,
  'people:show': PeopleShow,
  'people:timeline': PeopleTimeline,
  'people:unmerge': PeopleUnmerge,
  'pipelines:backfill': PipelinesBackfill,
  'pipelines:deploy': PipelinesDeploy,
  'pipelines:diff': PipelinesDiff,
  'pipelines:dry-run': PipelinesDryRun,
  'pipelines:explain': PipelinesExplain,
  'pipelines:fmt': PipelinesFmt,
  'pipelines:graph': PipelinesGraph,
  'pipelines:list': PipelinesList,
  'pipelines:pause': PipelinesPause,
  'pipelines:promote': PipelinesPromote,
  'pipelines:rehearse': PipelinesRehearse,
  'pipelines:resume': PipelinesResume,
  'pipelines:rollback': PipelinesRollback,
  'pipelines:run': PipelinesRun,
  'pipelines:settings': PipelinesSettings,
  'pipelines:show': PipelinesShow,
  'pipelines:test': PipelinesTest,
  'pipelines:undeploy': PipelinesUndeploy,
  'pipelines:validate': PipelinesValidate,
  'pipelines:versions': PipelinesVersions,
  'pipelines:webhook:info': PipelinesWebhookInfo,
  'pipelines:webhook:rotate': PipelinesWebhookRotate,
  'pipelines:webhook:secret': PipelinesWebhookSecret,
  'pipelines:why': PipelinesWhy,
  'places:decide': PlacesDecide,
  'places:delete': PlacesDelete,
  'places:list': PlacesList,
  'places:results': PlacesResults,
  'places:save': PlacesSave,
  'places:show': PlacesShow,
  'plugins:audit': PluginsAudit,
  'plugins:create': PluginsCreate,
  'plugins:dev': PluginsDev,
  'plugins:disable': PluginsDisable,
  'plugins:enable': PluginsEnable,
  'plugins:info': PluginsInfo,
  'plugins:install': PluginsInstall,
  'plugins:list': PluginsList,
  'plugins:pack': PluginsPack,
  'plugins:pipelines:add': PluginsPipelinesAdd,
  'plugins:pipelines:list': PluginsPipelinesList,
  'plugins:publish': PluginsPublish,
  'plugins:remove': PluginsRemove,
  'plugins:resume': PluginsResume,
  'plugins:search': PluginsSearch,
  'plugins:sign': PluginsSign,
  'plugins:test': PluginsTest,
  'plugins:types': PluginsTypes,
  'plugins:upgrade': PluginsUpgrade,
  'plugins:validate': PluginsValidate,
  'plugins:verify': PluginsVerify,
  'plugins:webhooks:list': PluginsWebhooksList,
  'plugins:webhooks:rotate': PluginsWebhooksRotate,
  'plugins:webhooks:secret': PluginsWebhooksSecret,
  'registry:add': RegistryAdd,
  'registry:build': RegistryBuild,
  'registry:check': RegistryCheck,
  'registry:list': RegistryList,
  'registry:refresh': RegistryRefresh,
  'registry:remove': RegistryRemove,
  'registry:root': RegistryRoot,
  restore: Restore,
  resume: Resume,
  'runs:cancel': RunsCancel,
  'runs:list': RunsList,
  'runs:replay': RunsReplay,
  'runs:resolve': RunsResolve,
  'runs:show': RunsShow,
  'segments:delete': SegmentsDelete,
  'segments:list': SegmentsList,
  'segments:members': SegmentsMembers,
  'segments:preview': SegmentsPreview,
  'segments:save': SegmentsSave,
  'segments:show': SegmentsShow,
  'segments:why': SegmentsWhy,
  start: Start,
  'tenants:create': TenantsCreate,
  'tenants:list': TenantsList,
  'traits:delete': TraitsDelete,
  'traits:list': TraitsList,
  'traits:save': TraitsSave,
};
