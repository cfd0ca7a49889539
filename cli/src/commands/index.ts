import ActionsList from './actions/list.ts';
import ActionsRun from './actions/run.ts';
import AppsCreate from './apps/create.ts';
import AppsList from './apps/list.ts';
import Backup from './backup.ts';
import ConnectionsAdd from './connections/add.ts';
import ConnectionsList from './connections/list.ts';
import ConnectionsRemove from './connections/remove.ts';
import ConnectionsTest from './connections/test.ts';
import Doctor from './doctor.ts';
import EventsQuarantine from './events/quarantine.ts';
import EventsSend from './events/send.ts';
import EventsTail from './events/tail.ts';
import Init from './init.ts';
import KeysCreate from './keys/create.ts';
import KeysList from './keys/list.ts';
import KeysRevoke from './keys/revoke.ts';
import KeysRotate from './keys/rotate.ts';
import Listen from './listen.ts';
import Pause from './pause.ts';
import PipelinesDeploy from './pipelines/deploy.ts';
import PipelinesList from './pipelines/list.ts';
import PipelinesPause from './pipelines/pause.ts';
import PipelinesResume from './pipelines/resume.ts';
import PipelinesSettings from './pipelines/settings.ts';
import PipelinesValidate from './pipelines/validate.ts';
import PluginsDisable from './plugins/disable.ts';
import PluginsEnable from './plugins/enable.ts';
import PluginsList from './plugins/list.ts';
import Restore from './restore.ts';
import Resume from './resume.ts';
import RunsList from './runs/list.ts';
import RunsResolve from './runs/resolve.ts';
import RunsShow from './runs/show.ts';
import Start from './start.ts';
import TenantsCreate from './tenants/create.ts';
import TenantsList from './tenants/list.ts';

/** Every command by its id; oclif reads a colon as a space. */
export const commands = {
  'actions:list': ActionsList,
  'actions:run': ActionsRun,
  'apps:create': AppsCreate,
  'apps:list': AppsList,
  backup: Backup,
  'connections:add': ConnectionsAdd,
  'connections:list': ConnectionsList,
  'connections:remove': ConnectionsRemove,
  'connections:test': ConnectionsTest,
  doctor: Doctor,
  'events:quarantine': EventsQuarantine,
  'events:send': EventsSend,
  'events:tail': EventsTail,
  init: Init,
  'keys:create': KeysCreate,
  'keys:list': KeysList,
  'keys:revoke': KeysRevoke,
  'keys:rotate': KeysRotate,
  listen: Listen,
  pause: Pause,
  'pipelines:deploy': PipelinesDeploy,
  'pipelines:list': PipelinesList,
  'pipelines:pause': PipelinesPause,
  'pipelines:resume': PipelinesResume,
  'pipelines:settings': PipelinesSettings,
  'pipelines:validate': PipelinesValidate,
  'plugins:disable': PluginsDisable,
  'plugins:enable': PluginsEnable,
  'plugins:list': PluginsList,
  restore: Restore,
  resume: Resume,
  'runs:list': RunsList,
  'runs:resolve': RunsResolve,
  'runs:show': RunsShow,
  start: Start,
  'tenants:create': TenantsCreate,
  'tenants:list': TenantsList,
};
