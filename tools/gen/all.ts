import { generateSchemas } from './schemas.ts';
import { generatePluginTypes } from './plugin-types.ts';

const schemas = await generateSchemas();
const plugins = await generatePluginTypes();
process.stdout.write(`${schemas.size + plugins.size} files generated\n`);
