import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server of a test on a port of its own. */
export interface LocalServer {
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly place: string;
  readonly requests: readonly { readonly url: string; readonly headers: http.IncomingHttpHeaders }[];
  close(): Promise<void>;
}

/** Answers 200 with `ok` unless told otherwise. */
export async function startServer(
  answer: (req: http.IncomingMessage, res: http.ServerResponse) => void = (_req, res) => res.end('ok'),
): Promise<LocalServer> {
  const requests: { url: string; headers: http.IncomingHttpHeaders }[] = [];
  const server = http.createServer((req, res) => {
    requests.push({ url: req.url ?? '', headers: req.headers });
    answer(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    place: `127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
