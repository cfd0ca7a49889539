import { definePlugin } from '@tendril/plugin-api';
import { identify } from './actions/identify.ts';
import { test } from './actions/test.ts';
import { track } from './actions/track.ts';

export default definePlugin({
  setup(host) {
    host.action('track', track);
    host.action('identify', identify);
    host.action('test', test);
  },
});
