// `npm test`: installs what is missing, then goes on with tools/run-tests.mjs on the project's own Node.
import { spawnSync } from 'node:child_process';
import { installDependencies } from './install.mjs';
import { projectNode, root } from './project-node.mjs';

installDependencies((line) => process.stdout.write(`${line}\n`));
const run = spawnSync(projectNode(), [`${root}tools/run-tests.mjs`, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(run.status ?? 1);
