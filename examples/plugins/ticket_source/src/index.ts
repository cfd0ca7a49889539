import { definePlugin } from '@tendril/plugin-api';
import { readTickets } from './read-tickets.ts';

export default definePlugin({
  setup(host) {
    host.trigger('opened', readTickets);
  },
});
