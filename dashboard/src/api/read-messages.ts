/** One message of a stream of server-sent events. */
export interface StreamMessage {
  readonly event: string;
  /** Parsed JSON. */
  readonly data: unknown;
}

/** Reads server-sent events of an answer as they come. For requests with a body, which `EventSource` cannot make. */
export async function* readMessages(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<StreamMessage> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + value).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const message = readMessage(part);
        if (message !== undefined) yield message;
      }
    }
  } finally {
    await reader.cancel();
  }
}

function readMessage(text: string): StreamMessage | undefined {
  const lines = text.split('\n');
  const event = lines.find((line) => line.startsWith('event: '))?.slice(7);
  const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6));
  if (event === undefined || data.length === 0) return undefined;
  return { event, data: JSON.parse(data.join('\n')) as unknown };
}
