import type { Call } from './call.ts';

/** What is to be written. */
export interface TextRequest {
  /** What the model is to be and do. */
  readonly instructions?: string;
  readonly prompt: string;
  /** At most; the driver's own limit without it. */
  readonly maxTokens?: number;
  /** 0 to 1; the driver's own without it. */
  readonly temperatureRatio?: number;
  /** Asks for JSON of this schema in place of text. */
  readonly schema?: object;
}

/** What was written. */
export interface TextAnswer {
  readonly text: string;
  /** Name and version of the model. */
  readonly model: string;
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
}

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

/** Models, through the driver that the tenant has enabled; limited to `permissions.models`. */
export interface Models {
  /** @throws TendrilError PERMISSION_DENIED without `text`; MODEL_MISSING when no enabled plugin has a driver */
  generate(request: TextRequest): Promise<TextAnswer>;
  /** @throws TendrilError PERMISSION_DENIED without `embeddings`; MODEL_MISSING when no enabled plugin has a driver */
  embed(texts: readonly string[]): Promise<readonly (readonly number[])[]>;
}
