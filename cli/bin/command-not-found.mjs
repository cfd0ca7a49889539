// Called by oclif for a command that does not exist.
import { existsSync } from 'node:fs';

const isSource = existsSync(new URL('../src/commands/index.ts', import.meta.url));
const load = (name) => import(new URL(isSource ? `../src/${name}.ts` : `../dist/${name}.js`, import.meta.url).href);

export default async function commandNotFound({ id, argv, config }) {
  const [{ unknownCommand }, { describeFailure, failureText }] = await Promise.all([load('unknown-command'), load('failure')]);
  const failure = describeFailure(await unknownCommand(id, config.commandIDs));
  const { exit, ...shown } = failure;
  if (argv?.includes('--json') || process.argv.includes('--json'))
    process.stdout.write(`${JSON.stringify({ error: shown }, undefined, 2)}\n`);
  else process.stderr.write(`${failureText(failure)}\n`);
  process.exit(exit);
}
