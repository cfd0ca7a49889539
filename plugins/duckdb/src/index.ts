import { definePlugin } from '@tendril/plugin-api';
import { DuckDbDriver } from './driver.ts';

export default definePlugin({
  setup(host) {
    const driver = new DuckDbDriver();
    host.driver<'analytics'>('columnar', driver);
    host.onStop(() => driver.stop());
  },
});
