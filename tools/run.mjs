// Runs a TypeScript file on the project's own Node, from sources: node tools/run.mjs FILE [ARG ...]
import { spawn } from 'node:child_process';
import { projectNode } from './project-node.mjs';

const [file, ...rest] = process.argv.slice(2);
const child = spawn(projectNode(), ['--conditions=tendril-source', '--disable-warning=ExperimentalWarning', file, ...rest], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
