import { startSandboxes } from './start-sandboxes.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: main FOLDER');

const sandboxes = await startSandboxes({ folder });

// SIGINT reaches every process of a terminal's group: the sandboxes outlive a hub that is stopped by Ctrl-C.
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
process.once('SIGTERM', () => {
  void sandboxes.close().then(() => {
    process.exitCode = 0;
  });
});
