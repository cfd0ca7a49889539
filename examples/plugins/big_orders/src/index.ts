import { definePlugin } from '@tendril/plugin-api';
import { mark } from './mark.ts';
import { spotBigOrders } from './spot-big-orders.ts';

export default definePlugin({
  setup(host) {
    host.agent('spotter', spotBigOrders);
    host.action('mark', mark);
  },
});
