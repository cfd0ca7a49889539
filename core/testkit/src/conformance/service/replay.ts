import type { RecordedExchange } from '@tendril/schemas';
import { nameOfRequest, requestDifferences } from './requests.ts';
import type { ReceivedRequest, Reply } from './stand-in.ts';

/** Something that was asked and is not in the recording, or the other way round. */
export interface ReplayProblem {
  /** Index of the exchange that it is about, where it is about one. */
  readonly exchange?: number;
  readonly message: string;
}

/** What is done to the answer of one exchange in place of what was recorded. */
export interface Fault {
  readonly exchange: number;
  readonly reply: Reply;
}

/**
 * Answers requests as they were answered when the call was recorded: by their order, or where that has changed by method,
 * URL and body.
 */
export class Replay {
  readonly #exchanges: readonly RecordedExchange[];
  readonly #fault: Fault | undefined;
  readonly #used = new Set<number>();
  readonly #problems: ReplayProblem[] = [];

  constructor(exchanges: readonly RecordedExchange[], fault?: Fault) {
    this.#exchanges = exchanges;
    this.#fault = fault;
  }

  readonly respond = (request: ReceivedRequest): Reply => {
    const index = this.#find(request);
    if (index === undefined) return { kind: 'answer', status: 501, body: 'this is not in the recording' };
    this.#used.add(index);
    if (this.#fault?.exchange === index) return this.#fault.reply;
    return recordedReply(this.#exchanges[index]);
  };

  /** Requests that were not recorded, and recorded ones that were not made. */
  problems(): readonly ReplayProblem[] {
    const unused = this.#exchanges
      .map(({ request }, exchange) => ({ exchange, message: `${nameOfRequest(request)} was not made` }))
      .filter(({ exchange }) => !this.#used.has(exchange));
    return [...this.#problems, ...unused];
  }

  #find(request: ReceivedRequest): number | undefined {
    const open = [...this.#exchanges.keys()].filter((index) => !this.#used.has(index));
    const compared = open.map((index) => ({ index, differences: this.#differences(index, request) }));
    const same = compared.find(({ differences }) => differences.length === 0);
    if (same !== undefined) return same.index;
    const [next] = compared;
    this.#problems.push({
      ...(next !== undefined && { exchange: next.index }),
      message: `${nameOfRequest(request)} is not in the recording: ${next === undefined ? 'it has no more requests' : next.differences.join('; ')}`,
    });
    return undefined;
  }

  #differences(index: number, request: ReceivedRequest): readonly string[] {
    const exchange = this.#exchanges[index];
    return exchange === undefined ? ['it is not there'] : requestDifferences(exchange.request, request);
  }
}

/** What was answered when it was recorded. */
export function recordedReply(exchange: RecordedExchange | undefined): Reply {
  if (exchange === undefined) return { kind: 'cut' };
  const { status, headers, body } = exchange.response;
  return { kind: 'answer', status, ...(headers !== undefined && { headers }), ...(body !== undefined && { body }) };
}
