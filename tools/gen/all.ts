import { generatePluginTypes } from './plugin-types.ts';
import { generateReference } from './reference.ts';
import { generateSchemas } from './schemas.ts';

const written = [await generateSchemas(), await generatePluginTypes(), await generateReference()];
process.stdout.write(`${written.reduce((sum, files) => sum + files.size, 0)} files generated\n`);
