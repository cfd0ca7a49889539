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

/** Models, through the driver that the tenant has enabled; limited to `permissions.models`. */
export interface Models {
  /** @throws TendrilError PERMISSION_DENIED without `text`; MODEL_MISSING when no enabled plugin has a driver */
  generate(request: TextRequest): Promise<TextAnswer>;
  /** @throws TendrilError PERMISSION_DENIED without `embeddings`; MODEL_MISSING when no enabled plugin has a driver */
  embed(texts: readonly string[]): Promise<readonly (readonly number[])[]>;
}
