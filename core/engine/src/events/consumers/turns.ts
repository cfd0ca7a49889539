/** Ends a turn. Safe to call twice. */
export type EndTurn = () => void;

interface Waiting {
  readonly cost: number;
  readonly begin: (end: EndTurn) => void;
}

interface Queue {
  readonly tenantId: string;
  readonly waiting: Waiting[];
  deficit: number;
}

/**
 * Deficit round robin over tenants: each round a tenant may spend one quantum of events more, and what it does not
 * spend while it waits is not lost. A tenant with a million events gets the same share as one with ten.
 *
 * @see M. Shreedhar, G. Varghese, "Efficient Fair Queuing Using Deficit Round-Robin", SIGCOMM 1995
 */
export class Turns {
  readonly #slots: number;
  readonly #quantum: number;
  readonly #queues = new Map<string, Queue>();
  #round: Queue[] = [];
  #running = 0;

  /** @param slots batches at once; @param quantum events that a tenant may spend each round */
  constructor(slots: number, quantum: number) {
    this.#slots = slots;
    this.#quantum = quantum;
  }

  /** Resolves when it is the tenant's turn for work of this cost. */
  take(tenantId: string, cost: number): Promise<EndTurn> {
    return new Promise((begin) => {
      let queue = this.#queues.get(tenantId);
      if (queue === undefined) {
        queue = { tenantId, waiting: [], deficit: 0 };
        this.#queues.set(tenantId, queue);
        this.#round.push(queue);
      }
      queue.waiting.push({ cost, begin });
      this.#serve();
    });
  }

  #serve(): void {
    while (this.#running < this.#slots) {
      const next = this.#next();
      if (next === undefined) return;
      this.#running += 1;
      let isEnded = false;
      next.begin(() => {
        if (isEnded) return;
        isEnded = true;
        this.#running -= 1;
        this.#serve();
      });
    }
  }

  #next(): Waiting | undefined {
    for (;;) {
      const queue = this.#round[0];
      const first = queue?.waiting[0];
      if (queue === undefined || first === undefined) return undefined;
      if (queue.deficit < first.cost) {
        queue.deficit += this.#quantum;
        this.#round.push(...this.#round.splice(0, 1));
        continue;
      }
      queue.deficit -= first.cost;
      queue.waiting.shift();
      if (queue.waiting.length === 0) this.#leave(queue);
      return first;
    }
  }

  #leave(queue: Queue): void {
    this.#queues.delete(queue.tenantId);
    this.#round = this.#round.filter((other) => other !== queue);
  }
}
