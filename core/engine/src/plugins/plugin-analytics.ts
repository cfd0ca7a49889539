import { TendrilError } from '@tendril/plugin-api';
import type { Analytics, AnalyticsAnswer, AnalyticsFreshness, AnalyticsQuestion } from '@tendril/plugin-api';
import { decodeEvent } from '../events/index.ts';
import { checkQuestion, namesAskedFor } from './analytics-questions.ts';
import { outside } from './broker/egress-scope.ts';
import type { RunningCall } from './running-call.ts';

/** `call.analytics` of one handler run. */
export class PluginAnalytics implements Analytics {
  readonly #call: RunningCall;

  constructor(call: RunningCall) {
    this.#call = call;
  }

  async ask<Question extends AnalyticsQuestion>(question: Question): Promise<AnalyticsAnswer<Question>> {
    this.#call.assertAlive();
    checkQuestion(question);
    this.#assertMayRead(namesAskedFor(question));
    const { run, environment, signal } = this.#call;
    const answer = await environment.runDriver({ ...run, signal }, 'analytics', (driver, call) => driver.ask(question, call));
    const freshness = await this.#freshness(answer.position);
    this.#call.assertAlive();
    return { ...answer, ...freshness };
  }

  async freshness(): Promise<AnalyticsFreshness> {
    this.#call.assertAlive();
    const { run, environment, signal } = this.#call;
    if (run.plugin.manifest.permissions?.events?.read === undefined) throw this.#call.refused('events', 'read');
    const position = await environment.runDriver({ ...run, signal }, 'analytics', (driver, call) => driver.position(call));
    return this.#freshness(position);
  }

  async rebuild(): Promise<void> {
    this.#call.assertAlive();
    this.#assertMayRead('any');
    const { run, environment } = this.#call;
    if (environment.rebuildAnalytics === undefined) throw new TendrilError('ANALYTICS_NOT_HERE', { role: 'analytics' });
    await outside(async () => environment.rebuildAnalytics?.(run.tenant.tenant.id));
  }

  #assertMayRead(names: readonly string[] | 'any'): void {
    const { plugin } = this.#call.run;
    const isAny = plugin.manifest.permissions?.events?.read?.includes('*') === true;
    if (names === 'any') {
      if (!isAny) throw this.#call.refused('events', '*');
      return;
    }
    const refused = names.find((name) => !plugin.mayRead(name));
    if (refused !== undefined) throw this.#call.refused('events', refused);
  }

  async #freshness(position: number): Promise<AnalyticsFreshness> {
    const { log } = this.#call.run.tenant;
    const { clock } = this.#call.environment;
    return outside(async () => {
      const head = Math.max(await log.head(), position);
      const [next] = position < head ? await log.read(position, 1) : [];
      const behindMs = next === undefined ? 0 : Math.max(0, clock.now() - decodeEvent(next).receivedAt);
      return { position, head, behindEvents: head - position, behindMs };
    });
  }
}
