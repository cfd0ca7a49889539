import { definePlugin } from '@tendril/plugin-api';

export default definePlugin({
  setup(host) {
    host.action('echo', async (input) => input);
    host.action('keep', async (input, call) => {
      call.changes.put('kept', { id: input.id, body: input.body });
      return { kept: true };
    });
  },
});
