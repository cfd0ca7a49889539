/** A sentence of the hub, in which names and expressions stand between backticks. */
export function Sentence({ text }: { readonly text: string }) {
  // Every second part stood between backticks.
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}
