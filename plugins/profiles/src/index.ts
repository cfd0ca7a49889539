import { definePlugin } from '@tendril/plugin-api';
import { audience } from './actions/audience.ts';
import { count } from './actions/count.ts';
import { find } from './actions/find.ts';
import { get } from './actions/get.ts';
import { getMany } from './actions/get-many.ts';
import { groupGet } from './actions/group-get.ts';
import { groupList } from './actions/group-list.ts';
import { groupMembers } from './actions/group-members.ts';
import { history } from './actions/history.ts';
import { list } from './actions/list.ts';
import { merge } from './actions/merge.ts';
import { merges } from './actions/merges.ts';
import { resolve } from './actions/resolve.ts';
import { timeline } from './actions/timeline.ts';
import { unmerge } from './actions/unmerge.ts';
import { project } from './consumers/project.ts';
import { registerDecide } from './decide/index.ts';
import { registerDuplicates } from './duplicates/register.ts';
import { registerSegments } from './segments/register.ts';

export default definePlugin({
  setup(host) {
    host.consumer('project', project);
    registerSegments(host);
    registerDecide(host);
    registerDuplicates(host);
    host.action('get', get);
    host.action('get_many', getMany);
    host.action('resolve', resolve);
    host.action('find', find);
    host.action('list', list);
    host.action('count', count);
    host.action('audience', audience);
    host.action('timeline', timeline);
    host.action('history', history);
    host.action('merge', merge);
    host.action('unmerge', unmerge);
    host.action('merges', merges);
    host.action('group_get', groupGet);
    host.action('group_list', groupList);
    host.action('group_members', groupMembers);
  },
});
