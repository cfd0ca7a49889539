import { execFileSync } from 'node:child_process';
import { generatePluginTypes } from './plugin-types.ts';
import { generateReference } from './reference.ts';
import { generateSchemas } from './schemas.ts';

// Generating again must change nothing that git knows of.
const before = digest();
await generateSchemas();
await generatePluginTypes();
await generateReference();
if (digest() !== before) {
  process.stderr.write('Generated files were not up to date; `npm run gen` has now written them: commit the result.\n');
  process.exitCode = 1;
}

function digest(): string {
  const paths = ['--', '*.gen.ts', 'docs/reference'];
  const changed = execFileSync('git', ['diff', ...paths], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return changed + execFileSync('git', ['ls-files', '--others', '--exclude-standard', ...paths], { encoding: 'utf8' });
}
