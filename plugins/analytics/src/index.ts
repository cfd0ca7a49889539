import { definePlugin } from '@tendril/plugin-api';
import { breakdown } from './actions/breakdown.ts';
import { count } from './actions/count.ts';
import { funnel } from './actions/funnel.ts';
import { names } from './actions/names.ts';
import { pages } from './actions/pages.ts';
import { paths } from './actions/paths.ts';
import { readyMade } from './actions/ready-made.ts';
import { rebuild } from './actions/rebuild.ts';
import { retention } from './actions/retention.ts';
import { sessions } from './actions/sessions.ts';
import { status } from './actions/status.ts';
import { sum } from './actions/sum.ts';
import { uniques } from './actions/uniques.ts';

export default definePlugin({
  setup(host) {
    host.action('count', count);
    host.action('sum', sum);
    host.action('uniques', uniques);
    host.action('breakdown', breakdown);
    host.action('funnel', funnel);
    host.action('retention', retention);
    host.action('paths', paths);
    host.action('sessions', sessions);
    host.action('pages', pages);
    host.action('names', names);
    host.action('status', status);
    host.action('rebuild', rebuild);
    host.action('ready_made', readyMade);
  },
});
