import { definePlugin } from '@tendril/plugin-api';
import { count } from './actions/count.ts';
import { find } from './actions/find.ts';
import { get } from './actions/get.ts';
import { history } from './actions/history.ts';
import { list } from './actions/list.ts';
import { resolve } from './actions/resolve.ts';
import { timeline } from './actions/timeline.ts';
import { project } from './consumers/project.ts';

export default definePlugin({
  setup(host) {
    host.consumer('project', project);
    host.action('get', get);
    host.action('resolve', resolve);
    host.action('find', find);
    host.action('list', list);
    host.action('count', count);
    host.action('timeline', timeline);
    host.action('history', history);
  },
});
