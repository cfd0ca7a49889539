/** A file that a document holds in a fence, ```` ```ts file=src/index.ts ````. */
export interface ExtractedFile {
  readonly path: string;
  readonly text: string;
}

/** The files of a document, in the order in which they stand there. */
export function extractFiles(markdown: string): readonly ExtractedFile[] {
  return [...markdown.matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm)].map(([, path = '', text = '']) => ({ path, text }));
}
