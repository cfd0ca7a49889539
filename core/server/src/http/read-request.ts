import type { Request } from 'express';
import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import { findHazard, parseJson } from './parse-json.ts';
import { readBody } from './read-body.ts';
import type { Route } from './route.ts';
import type { Validators } from './schemas.ts';

const YAML_TYPE = /^(text|application)\/(x-)?yaml\b/;
const JSON_TYPE = /^application\/(\w+\+)?json\b/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** Reads and checks the parts of a request as a route declares them. */
export interface RequestReader {
  /** @throws TendrilError INPUT_INVALID with `problems` */
  query(req: Request, route: Route): object;
  /** @throws TendrilError REQUEST_MALFORMED, REQUEST_TOO_LARGE, INPUT_INVALID with `problems` */
  body(req: Request, route: Route): Promise<unknown>;
  /** @throws TendrilError INPUT_INVALID */
  idempotencyKey(req: Request, route: Route): string | undefined;
}

/** Makes the reader. Bodies are limited while they stream. */
export function createRequestReader(validators: Validators, limitBytes: number): RequestReader {
  async function readJson(req: Request, route: Route): Promise<Json> {
    const bytes = await readBody(req, { bytes: route.bodyBytes ?? limitBytes, code: 'REQUEST_TOO_LARGE' });
    if (bytes.length === 0 && route.isBodyOptional === true) return {};
    const type = req.headers['content-type'] ?? 'application/json';
    if (route.takesYaml === true && YAML_TYPE.test(type)) return readText(bytes);
    if (!JSON_TYPE.test(type)) throw new TendrilError('REQUEST_MALFORMED', { field: 'content-type', expected: 'application/json' });
    return parseJson(bytes);
  }

  return {
    query(req, route) {
      const query = { ...req.query };
      const problems = validators.checkQuery(route.query ?? 'NoQuery', query);
      if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { in: 'query', problems });
      return query;
    },
    async body(req, route) {
      if (route.body === undefined) return undefined;
      const body = await readJson(req, route);
      const hazard = findHazard(body);
      if (hazard !== undefined) throw new TendrilError('REQUEST_MALFORMED', { field: 'body', expected: hazard });
      const problems = validators.check(route.body, body);
      if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { in: 'body', problems });
      return body;
    },
    idempotencyKey(req, route) {
      const key = req.headers['idempotency-key'];
      if (key === undefined || route.takesIdempotencyKey !== true) return undefined;
      if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key))
        throw new TendrilError('INPUT_INVALID', { in: 'header', field: 'idempotency-key' });
      return key;
    },
  };
}

function readText(bytes: Buffer): JsonObject {
  try {
    return { source: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (cause) {
    throw new TendrilError('REQUEST_MALFORMED', { field: 'body', expected: 'UTF-8' }, { cause });
  }
}
