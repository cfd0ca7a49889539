import type { Call, DriverOf, Models, TextAnswer, TextRequest } from '@tendril/plugin-api';
import type { RunningCall } from './running-call.ts';

const PERMISSION = { text_generation: 'text', embeddings: 'embeddings' } as const;

type ModelContract = keyof typeof PERMISSION;

/** `call.models` of one handler run. */
export class PluginModels implements Models {
  readonly #call: RunningCall;

  constructor(call: RunningCall) {
    this.#call = call;
  }

  generate(request: TextRequest): Promise<TextAnswer> {
    return this.#ask('text_generation', (driver, call) => driver.generate(request, call));
  }

  embed(texts: readonly string[]): Promise<readonly (readonly number[])[]> {
    return this.#ask('embeddings', (driver, call) => driver.embed(texts, call));
  }

  async #ask<Contract extends ModelContract, Output>(
    contract: Contract,
    work: (driver: DriverOf<Contract>, call: Call) => Promise<Output>,
  ): Promise<Output> {
    this.#call.assertAlive();
    const { run, environment, signal } = this.#call;
    if (run.plugin.manifest.permissions?.models?.includes(PERMISSION[contract]) !== true)
      throw this.#call.refused('model', PERMISSION[contract]);
    const output = await environment.runDriver({ ...run, signal }, contract, work);
    this.#call.assertAlive();
    return output;
  }
}
