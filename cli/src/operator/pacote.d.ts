// The few members that are used; pacote brings no types.
declare module 'pacote' {
  export interface PacoteOptions {
    readonly registry: string;
    readonly ignoreScripts: true;
    readonly integrity?: string;
    readonly fullMetadata?: boolean;
    readonly verifySignatures?: boolean;
    readonly verifyAttestations?: boolean;
    readonly tufCache?: string;
    readonly cache?: string;
    readonly timeout?: number;
    readonly [keys: `//${string}:_keys`]: readonly object[];
  }
  export interface PacoteManifest {
    readonly name: string;
    readonly version: string;
    readonly _integrity?: string;
    readonly _signatures?: readonly object[];
    readonly _attestations?: object;
  }
  interface Pacote {
    manifest(spec: string, options: PacoteOptions): Promise<PacoteManifest>;
    readonly tarball: {
      stream<Answer>(spec: string, handler: (stream: NodeJS.ReadableStream) => Promise<Answer>, options: PacoteOptions): Promise<Answer>;
    };
  }
  const pacote: Pacote;
  export default pacote;
}
