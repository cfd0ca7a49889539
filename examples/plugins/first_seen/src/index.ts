import { definePlugin } from '@tendril/plugin-api';
import { listNames } from './list-names.ts';
import { watchNames } from './watch-names.ts';

export default definePlugin({
  setup(host) {
    host.consumer('watch', watchNames);
    host.action('list', listNames);
  },
});
