import { definePlugin } from '@tendril/plugin-api';
import { activate } from './actions/activate.ts';
import { count } from './actions/count.ts';
import { get } from './actions/get.ts';
import { list } from './actions/list.ts';
import { models } from './actions/models.ts';
import { score } from './actions/score.ts';
import { setStatus } from './actions/set-status.ts';
import { assign } from './actions/assign.ts';
import { handOver } from './actions/hand-over.ts';
import { owners } from './actions/owners.ts';
import { queue } from './actions/queue.ts';
import { setStage } from './actions/set-stage.ts';
import { snooze } from './actions/snooze.ts';
import { stages } from './actions/stages.ts';
import { train } from './actions/train.ts';
import { capture } from './consumers/capture.ts';
import { registerSources } from './sources.ts';
import { refresh } from './schedules/refresh.ts';

export default definePlugin({
  setup(host) {
    registerSources(host);
    host.consumer('capture', capture);
    host.schedule('refresh', refresh);
    host.action('score', score);
    host.action('train', train);
    host.action('models', models);
    host.action('activate', activate);
    host.action('list', list);
    host.action('count', count);
    host.action('get', get);
    host.action('set_status', setStatus);
    host.action('stages', stages);
    host.action('snooze', snooze);
    host.action('set_stage', setStage);
    host.action('queue', queue);
    host.action('owners', owners);
    host.action('hand_over', handOver);
    host.action('assign', assign);
  },
});
