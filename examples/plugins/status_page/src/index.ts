import { definePlugin } from '@tendril/plugin-api';
import { listComponents } from './list-components.ts';
import { answerComponent, answerPage, takeReport } from './routes.ts';

export default definePlugin({
  setup(host) {
    host.route('page', answerPage);
    host.route('component', answerComponent);
    host.route('report', takeReport);
    host.action('list', listComponents);
  },
});
