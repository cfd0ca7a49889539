import { fileURLToPath } from 'node:url';
import { readSource, testPlugin } from '@tendril/testkit';

testPlugin(new URL('..', import.meta.url), { beside: [readSource(fileURLToPath(new URL('../../profiles', import.meta.url)))] });
