import type { Request } from 'express';
import type { Router } from '../http/route.ts';

/** The document of the API. */
export function createDocumentRouter(describe: (serverUrl: string) => object, urlOf: (req: Request) => string): Router {
  return {
    tag: 'document',
    description: 'This document.',
    routes: [
      {
        method: 'get',
        path: '/openapi.json',
        summary: 'The API as an OpenAPI 3.1 document',
        access: 'public',
        answer: 'ApiDocument',
        write: (req, res) => void res.json(describe(urlOf(req))),
      },
    ],
  };
}
