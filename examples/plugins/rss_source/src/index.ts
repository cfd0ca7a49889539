import { definePlugin, TendrilError } from '@tendril/plugin-api';
import type { PollHandler } from '@tendril/plugin-api';
import { readPosts } from './read-posts.ts';
import type { Post } from './read-posts.ts';

const pollFeed: PollHandler<{ readonly feed: string }, Post> = async ({ feed }, call) => {
  const response = await call.fetch(feed, { headers: { accept: 'application/rss+xml, application/xml' }, signal: call.signal });
  if (!response.ok) throw new TendrilError('UPSTREAM_UNAVAILABLE', { status: response.status });
  // Feeds have the newest first. Which of these were given before is the hub's to know.
  return { items: readPosts(await response.text()).toReversed() };
};

export default definePlugin({
  setup(host) {
    host.trigger('new_post', pollFeed);
  },
});
