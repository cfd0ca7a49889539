import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import passport from 'passport';
import CustomStrategy from 'passport-custom';
import type { Clock } from '@tendril/plugin-api';
import { createLoginTokens } from './login-token.ts';
import type { LoginTokens } from './login-token.ts';
import { issueSessionId, issueVisitorId, SESSION_MS, SignedSessionStore } from './session-store.ts';

/** The dashboard's sessions. */
export interface Sessions {
  readonly tokens: LoginTokens;
  /** Reads the session of a request, so that `tenantOf` knows it. */
  readonly middleware: readonly RequestHandler[];
  /** Opens a session when the query's `token` is good; `tenantOf` tells whether it was. */
  open(req: Request, res: Response): Promise<void>;
  /** Ends the session of the request. */
  close(req: Request): Promise<void>;
  /** Whether the session of a request that goes on for long has not ended meanwhile. */
  isOpen(req: Request): boolean;
  /** The tenant of the request's session. */
  tenantOf(req: IncomingMessage): string | undefined;
}

const STRATEGY = 'login-link';

/** Makes sessions: passport opens one by the printed link, express-session signs the cookie that is the session. */
export function createSessions(options: { readonly secret: string; readonly clock: Clock; readonly isSecure: boolean }): Sessions {
  const { secret, clock, isSecure } = options;
  const tokens = createLoginTokens(secret, clock);
  const openingFor = new WeakMap<IncomingMessage, string>();
  const authenticator = createAuthenticator(tokens, (req, tenantId) => openingFor.set(req, tenantId));
  const store = new SignedSessionStore(clock);
  const cookies = session({
    name: 'tendril_session',
    secret,
    store,
    resave: false,
    saveUninitialized: false,
    // A public https address means a proxy that ends TLS: it says so in `x-forwarded-proto`.
    proxy: isSecure,
    cookie: { httpOnly: true, sameSite: 'lax', secure: isSecure, maxAge: SESSION_MS },
    genid(req) {
      const tenantId = openingFor.get(req);
      return tenantId === undefined ? issueVisitorId() : issueSessionId(tenantId, clock);
    },
  });

  return {
    tokens,
    middleware: [cookies, authenticator.session() as RequestHandler],
    open: (req, res) => open(authenticator, req, res),
    close: (req) =>
      new Promise((resolve, reject) => {
        req.logout(settleBy(resolve, reject));
      }),
    isOpen: (req) => store.isOpen(req.sessionID),
    tenantOf: (req) => ('user' in req && isVisitor(req.user) ? req.user.tenantId : undefined),
  };
}

function settleBy(resolve: () => void, reject: (failure: Error) => void): (failure: unknown) => void {
  return (failure) => {
    if (failure === undefined || failure === null) resolve();
    else reject(new Error('passport failed', { cause: failure }));
  };
}

// passport's own way of answering a failure is left out by taking its verdict in a callback.
function open(authenticator: passport.Authenticator, req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = settleBy(resolve, reject);
    const judge = (failure: unknown, visitor: unknown): void => {
      if (isVisitor(visitor)) req.logIn(visitor, settle);
      else settle(failure);
    };
    const handler = authenticator.authenticate(STRATEGY, judge) as RequestHandler;
    void handler(req, res, settle);
  });
}

function isVisitor(user: unknown): user is { readonly tenantId: string } {
  return typeof user === 'object' && user !== null && 'tenantId' in user && typeof user.tenantId === 'string';
}

function createAuthenticator(tokens: LoginTokens, onOpen: (req: IncomingMessage, tenantId: string) => void): passport.Authenticator {
  const authenticator = new passport.Passport();
  authenticator.serializeUser((user, done) => {
    done(undefined, isVisitor(user) ? user.tenantId : undefined);
  });
  authenticator.deserializeUser((tenantId: string, done) => {
    done(undefined, { tenantId });
  });
  const strategy = new CustomStrategy((req, done) => {
    const { token } = req.query;
    const tenantId = typeof token === 'string' ? tokens.read(token) : undefined;
    if (tenantId !== undefined) onOpen(req, tenantId);
    done(undefined, tenantId === undefined ? false : { tenantId });
  });
  authenticator.use(STRATEGY, strategy);
  return authenticator;
}
