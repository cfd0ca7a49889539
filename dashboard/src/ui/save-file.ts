/** Lets the browser save a text as a file. */
export function saveFile(name: string, type: string, parts: readonly string[]): void {
  const url = URL.createObjectURL(new Blob([...parts], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name.replaceAll(/[\\/:*?"<>|]+/g, '-');
  link.click();
  // Browsers fetch it right after the click, in a task of its own.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
