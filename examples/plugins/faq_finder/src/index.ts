import { definePlugin } from '@tendril/plugin-api';
import { countTopics, find, learn } from './answers.ts';

export default definePlugin({
  setup(host) {
    host.action('learn', learn);
    host.action('find', find);
    host.action('topics', countTopics);
  },
});
