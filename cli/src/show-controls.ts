/** Controls but line ends and tabs, and marks that turn the direction of what follows. */
const CONTROLS = /(?![\n\t])[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** A text in which characters that a terminal would obey are written out, as `\\u001b`. */
export function showControls(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
