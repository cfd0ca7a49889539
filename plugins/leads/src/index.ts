import { definePlugin } from '@tendril/plugin-api';
import { activate } from './actions/activate.ts';
import { count } from './actions/count.ts';
import { get } from './actions/get.ts';
import { list } from './actions/list.ts';
import { models } from './actions/models.ts';
import { score } from './actions/score.ts';
import { setStatus } from './actions/set-status.ts';
import { train } from './actions/train.ts';
import { capture } from './consumers/capture.ts';

export default definePlugin({
  setup(host) {
    host.consumer('capture', capture);
    host.action('score', score);
    host.action('train', train);
    host.action('models', models);
    host.action('activate', activate);
    host.action('list', list);
    host.action('count', count);
    host.action('get', get);
    host.action('set_status', setStatus);
  },
});
