import type { Call } from './call.ts';
import type { TextAnswer, TextRequest } from './models.ts';

/** Driver of `text_generation`. */
export interface TextGenerationDriver {
  /** @throws TendrilError of the catalogue; its remedy decides whether it is tried again */
  generate(request: TextRequest, call: Call): Promise<TextAnswer>;
}

/** Driver of `embeddings`. */
export interface EmbeddingsDriver {
  /** [texts][dimensions], each of length 1; the same number of dimensions always. At most 256 texts of 8,000 characters. */
  embed(texts: readonly string[], call: Call): Promise<readonly (readonly number[])[]>;
}

/** The contracts of drivers that are open to plugins, by the word of the manifest. */
export interface DriverContracts {
  readonly text_generation: TextGenerationDriver;
  readonly embeddings: EmbeddingsDriver;
}

/** A word of the manifest's `drivers.*.contract` that plugins may implement. */
export type DriverContract = keyof DriverContracts;

/** What a driver of a contract has to be. */
export type DriverOf<Contract extends DriverContract> = DriverContracts[Contract];
