import { definePlugin } from '@tendril/plugin-api';
import { readExport } from './read-export.ts';

export default definePlugin({
  setup(host) {
    // The webhook `survey` needs no handler: each delivery becomes the event that the manifest names.
    host.webhook('export', readExport);
  },
});
