import { testPlugin } from '@tendril/testkit';

testPlugin(new URL('..', import.meta.url));
