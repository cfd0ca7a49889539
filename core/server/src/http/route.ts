import type { Request, Response } from 'express';
import type { Principal, TenantHub } from '@tendril/engine';
import type { Access } from '../access/authenticate.ts';

/** What a handler gets: everything checked. */
export interface RouteRequest<Path, Query, Body> {
  readonly tenant: TenantHub;
  readonly principal: Principal;
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
  readonly requestId: string;
  /** Of the header `idempotency-key`. */
  readonly idempotencyKey?: string;
}

/** What every route says of itself. `query`, `body` and `answer` name schemas of the folder `schema/`. */
interface RouteFacts {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** As OpenAPI writes it: `/v1/runs/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  readonly query?: string;
  readonly body?: string;
  /** The body may be left out; the handler then gets `{}`. */
  readonly isBodyOptional?: boolean;
  /** The largest body in bytes where lists are long; `limits.apiBytes` unless told. */
  readonly bodyBytes?: number;
  /** YAML text is taken too, and handed on as `{ source }`. */
  readonly takesYaml?: boolean;
  readonly takesIdempotencyKey?: boolean;
  /** 204 when `answer` is missing, 200 otherwise, unless told. */
  readonly status?: number;
  /** Another status of success, with the same schema. */
  readonly otherStatus?: number;
  readonly answer?: string;
  /** `application/json` unless told. */
  readonly answerType?: string;
  readonly rateLimit?: RateLimit;
}

/** How often a route may be used. */
export interface RateLimit {
  readonly perMinute: number;
  /** Counted by key or session, or by network address. */
  readonly by: 'principal' | 'address';
}

/** A route that answers with a value. */
export interface ValueRoute<Path, Query, Body> extends RouteFacts {
  handle(request: RouteRequest<Path, Query, Body>): Promise<unknown>;
}

/** A route that writes its answer itself: pages and streams. Public ones have no tenant. */
export interface WritingRoute extends RouteFacts {
  write(req: Request, res: Response, request: RouteRequest<unknown, unknown, unknown> | undefined): Promise<void> | void;
}

/** Any route. */
export type Route = ValueRoute<unknown, unknown, unknown> | WritingRoute;

/** Routes of one resource. */
export interface Router {
  /** Heading in the document of the API, and topic of `changed` messages of the stream. */
  readonly tag: string;
  readonly description: string;
  readonly routes: readonly Route[];
}

/** Types of what a route's schemas let through. */
export interface RouteTypes {
  readonly path?: object;
  readonly query?: object;
  readonly body?: object;
}

type Part<Types extends RouteTypes, Name extends keyof RouteTypes> = Types extends Record<Name, infer Value> ? Value : unknown;

/** Declares a route whose handler sees its parts by the given types. */
export function defineRoute<Types extends RouteTypes = RouteTypes>(
  route: ValueRoute<Part<Types, 'path'>, Part<Types, 'query'>, Part<Types, 'body'>>,
): Route {
  return route;
}
