import assert from 'node:assert/strict';
import { source, startHost, takeUpJobs } from './fixture.ts';

/** Counts what it does of its own accord. */
function clockwork(done: string[]) {
  return source(
    {
      id: 'clockwork',
      contributes: {
        schedules: { strike: { title: 'Strike', every: '1h' } },
        agents: { watch: { title: 'Watch', role: 'Watches.', every: '1h', actions: [] } },
      },
    },
    (host) => {
      host.schedule('strike', async () => void done.push('strike'));
      host.agent('watch', async () => {
        done.push('watch');
        return [];
      });
    },
  );
}

describe('a plugin that another process has just enabled again', () => {
  it('goes on by itself, although this process still takes it for disabled', async () => {
    const done: string[] = [];
    const one = await startHost([clockwork(done)]);
    const other = await startHost([clockwork(done)], { after: one });
    await takeUpJobs(one);
    const runDue = await takeUpJobs(other);
    one.clock.advance(3_600_000 - 1_000);
    await one.host.tenantPlugins('acme').disable('clockwork');
    assert.deepEqual([...(await other.host.enabled('acme'))], []);
    await one.host.tenantPlugins('acme').enable('clockwork');
    one.clock.advance(1_000);
    // What was known here is not two seconds old.
    assert.deepEqual([...(await other.host.enabled('acme'))], []);
    assert.equal(await runDue('plugins.schedule'), 1);
    assert.equal(await runDue('plugins.agent'), 1);
    one.clock.advance(2 * 3_600_000);
    await runDue('plugins.schedule');
    await runDue('plugins.agent');
    assert.deepEqual(new Set(done), new Set(['strike', 'watch']));
    await one.host.stop();
    await other.host.stop();
  });
});
