// First module of a plugin's process: node [flags] bootstrap.js FOLDER PLUGIN_API, where FOLDER is the plugin's and PLUGIN_API the
// entry module of the host's own copy of @tendril/plugin-api.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , folder = '', pluginApi = ''] = process.argv;
const url = pathToFileURL(pluginApi).href;

registerHooks({
  resolve: (specifier, context, next) => (specifier === '@tendril/plugin-api' ? { url, shortCircuit: true } : next(specifier, context)),
});

const { serve } = await import('./main.ts');
serve(folder);
