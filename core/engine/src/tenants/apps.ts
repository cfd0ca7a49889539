import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { Random } from '../environment.ts';
import { ENVIRONMENTS } from '../environments.ts';
import type { App, AppService } from '../hub.ts';
import type { TenantState } from '../ports.ts';
import { queryAll } from './query-all.ts';
import { APPS } from './tables.ts';

/** Apps of one tenant. */
export function createAppService(state: TenantState, options: { readonly clock: Clock; readonly random: Random }): AppService {
  return {
    create: async ({ name, isTest, origins = [], environment = isTest ? 'development' : 'production' }) => {
      if (typeof name !== 'string' || name.trim() === '') throw new TendrilError('INPUT_INVALID', { pointer: '/name', expected: 'a name' });
      const wrong = origins.findIndex((origin) => !isOrigin(origin));
      if (wrong !== -1)
        throw new TendrilError('INPUT_INVALID', { pointer: `/origins/${wrong}`, expected: 'an origin such as https://shop.example, or *' });
      const fits = ENVIRONMENTS.includes(environment) && isTest === (environment !== 'production');
      if (!fits)
        throw new TendrilError('INPUT_INVALID', {
          pointer: '/environment',
          expected: isTest ? 'development or staging: test apps are never in production' : 'production: live apps are always there',
        });
      const app: App = {
        id: `app_${options.random.id()}`,
        name,
        isTest,
        environment,
        origins: [...origins],
        createdAt: options.clock.now(),
      };
      await state.commit([{ op: 'put', table: APPS, value: fromApp(app), expect: 0 }]);
      return app;
    },
    list: async () => (await queryAll(state, APPS, { index: 'byAge' })).map((row) => toApp(row.value)),
    get: (appId) => readApp(state, appId),
  };
}

/** One app of a tenant. */
export async function readApp(state: TenantState, appId: string): Promise<App | undefined> {
  const [row] = await state.get(APPS, [appId]);
  return row === undefined ? undefined : toApp(row.value);
}

function isOrigin(origin: string): boolean {
  if (origin === '*') return true;
  return URL.canParse(origin) && /^https?:$/.test(new URL(origin).protocol) && new URL(origin).origin === origin;
}

function toApp(value: JsonObject): App {
  const app = value as unknown as Omit<App, 'environment'> & Partial<Pick<App, 'environment'>>;
  // Apps of earlier versions have none.
  return { ...app, environment: app.environment ?? (app.isTest ? 'development' : 'production') };
}

function fromApp({ id, name, isTest, environment, origins, createdAt }: App): JsonObject {
  return { id, name, isTest, environment, origins, createdAt };
}
