import { definePlugin } from '@tendril/plugin-api';
import { splitName } from './actions/split-name.ts';

// Wiring only: what the manifest declares is registered here, under the same ids.
export default definePlugin({
  setup(host) {
    host.action('split_name', splitName);
  },
});
