import type { Logger } from '@tendril/plugin-api';
import { redact } from './redact.ts';
import type { RunningCall } from './running-call.ts';

// A handler that writes more is in a loop.
const MOST_LINES = 1_000;
const LONGEST_MESSAGE = 1_000;
const SHORTEST_SECRET = 6;

/** `call.log`: lines that say which plugin, tenant and run wrote them, without secrets and personal details. */
export class PluginLogger implements Logger {
  readonly #call: RunningCall;
  #secrets: readonly string[] | undefined;

  constructor(call: RunningCall) {
    this.#call = call;
  }

  debug(fields: object, message: string): void {
    this.#write('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#write('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#write('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#write('error', fields, message);
  }

  #write(level: keyof Logger, fields: object, message: string): void {
    this.#call.assertAlive();
    const line = this.#call.limits.use('logLines');
    if (line > MOST_LINES + 1) return;
    const { plugin, handler, tenant, causedBy, requestId } = this.#call.run;
    this.#call.environment.log[level](
      {
        ...redact(fields, this.#secretValues()),
        plugin: plugin.id,
        handler,
        tenant: tenant.tenant.id,
        ...(causedBy?.runId !== undefined && { run: causedBy.runId }),
        ...(requestId !== undefined && { requestId }),
      },
      line > MOST_LINES ? `more than ${MOST_LINES} lines: the rest of this run is dropped` : message.slice(0, LONGEST_MESSAGE),
    );
  }

  #secretValues(): readonly string[] {
    return (this.#secrets ??= Object.values(this.#call.run.connection?.values ?? {}).filter(
      (value): value is string => typeof value === 'string' && value.length >= SHORTEST_SECRET,
    ));
  }
}
