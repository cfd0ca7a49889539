import { definePlugin } from '@tendril/plugin-api';
import { embed } from './embed.ts';

export default definePlugin({
  setup(host) {
    host.driver<'embeddings'>('words', { embed });
  },
});
