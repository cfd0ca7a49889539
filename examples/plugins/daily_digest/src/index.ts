import { definePlugin } from '@tendril/plugin-api';
import { noteLine } from './note-line.ts';
import { reportLines } from './report-lines.ts';

export default definePlugin({
  setup(host) {
    host.action('note', noteLine);
    host.schedule('report', reportLines);
  },
});
