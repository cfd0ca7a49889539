// In the repository commands come from the sources, in a published package from dist.
import { existsSync } from 'node:fs';

const sources = new URL('../src/commands/index.ts', import.meta.url);
const built = new URL('../dist/commands/index.js', import.meta.url);
const { commands } = await import((existsSync(sources) ? sources : built).href);

export default commands;
