/** One message of a stream of server-sent events. */
export interface Frame {
  readonly event: string;
  readonly data: string;
}

/** Reads the messages of a stream as they come; comments have neither event nor data. */
export async function* readFrames(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Frame, void> {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      yield readFrame(text.slice(0, end));
      text = text.slice(end + 2);
    }
  }
}

function readFrame(frame: string): Frame {
  const lines = frame.split('\n');
  const field = (name: string): string =>
    lines
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
      .join('\n');
  return { event: field('event'), data: field('data') };
}
