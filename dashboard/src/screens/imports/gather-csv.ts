/** A page of refused rows as CSV; the first one begins with the names of the columns. */
export interface CsvPage {
  readonly csv?: string;
  readonly nextCursor?: string;
}

/** Reads all pages, as parts of one file. */
export async function gatherCsv(read: (cursor: string | undefined) => Promise<CsvPage>): Promise<readonly string[]> {
  const parts: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    parts.push(page.csv ?? '');
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return parts;
}
