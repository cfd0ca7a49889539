import { definePlugin } from '@tendril/plugin-api';
import { send } from './send.ts';

export default definePlugin({
  setup(host) {
    host.action('send', send);
  },
});
