import { assertFinds, assertPasses } from './results.ts';
import { removePluginFolders } from './plugin-folder.ts';

describe('the conformance kit with a plugin in a process of its own', function () {
  this.timeout(120_000);
  afterEach(removePluginFolders);

  it('passes a sound plugin by every check', () => assertPasses('', {}, { isolation: 'child' }));

  it('finds what is wrong', async () => {
    const create = `await call.fetch('https://evil.example/').catch(() => undefined); throw new TendrilError('UPSTREAM_REJECTED', {});`;
    await assertFinds('egress', { create }, /tries to reach evil.example/, { isolation: 'child' });
    await assertFinds('faults/create/happy/status-503', { create }, /remedy has to be retry/, { isolation: 'child' });
  });
});
