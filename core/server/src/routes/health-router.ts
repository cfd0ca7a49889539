import type { Request } from 'express';
import { CATALOGUE, TendrilError } from '@tendril/plugin-api';
import type { ErrorCode } from '@tendril/plugin-api';
import { authenticate, requireAccess } from '../access/authenticate.ts';
import type { Principal } from '@tendril/engine';
import type { AuthenticateNeeds } from '../access/authenticate.ts';
import type { Router } from '../http/route.ts';
import type { ServerMetrics } from '../http/server-metrics.ts';

/** What the health routes need. */
export interface HealthNeeds extends AuthenticateNeeds {
  readonly metrics: ServerMetrics;
  readonly isProduction: boolean;
  readonly isDraining: () => boolean;
}

/** What operators and their machines look at. */
export function createHealthRouter(needs: HealthNeeds): Router {
  const { hub, metrics, isProduction, isDraining } = needs;

  function requireOperator(principal: Principal): void {
    requireAccess(principal, ['read'], needs.operatorTenantId);
    if (principal.tenantId !== needs.operatorTenantId)
      throw new TendrilError('KEY_SCOPE_MISSING', { expected: "a key of the installation's own tenant" });
  }

  /** Whether faults may be named, and whether things of other tenants may. */
  async function trustOf(req: Request): Promise<'none' | 'tenant' | 'operator'> {
    try {
      const principal = await authenticate(req, needs);
      requireAccess(principal, ['read'], needs.operatorTenantId);
      return principal.tenantId === needs.operatorTenantId ? 'operator' : 'tenant';
    } catch (failure) {
      if (TendrilError.is(failure)) return 'none';
      throw failure;
    }
  }

  return {
    tag: 'health',
    description: 'What operators and their machines look at.',
    routes: [
      {
        method: 'get',
        path: '/healthz',
        summary: 'The process answers',
        access: 'public',
        answer: 'Alive',
        write: (_req, res) => void res.json({ status: 'ok' }),
      },
      {
        method: 'get',
        path: '/readyz',
        summary: 'Whether work is taken; 503 with the reasons when not',
        description: "Faults of plugins, and how they differ from the installation's lock, are named to a session or secret key only.",
        access: 'public',
        answer: 'Readiness',
        async write(req, res) {
          const health = await hub.health();
          const isReady = health.isReady && !isDraining();
          const reasons = isDraining() ? [...health.reasons, 'the hub is stopping'] : health.reasons;
          const trust = await trustOf(req);
          const faults = trust === 'none' ? {} : { faults: health.faults, lock: health.lock };
          const alerts = trust === 'operator' ? { alerts: health.alerts } : {};
          res.status(isReady ? 200 : 503).json({ isReady, reasons, faultCount: health.faults.length, ...faults, ...alerts });
        },
      },
      {
        method: 'get',
        path: '/metrics',
        summary: "Figures in Prometheus' text form",
        description: "In production mode only with a secret key or session of the installation's own tenant: they count for all tenants.",
        access: 'public',
        answerType: 'text/plain',
        async write(req, res) {
          // Figures are of all tenants.
          if (isProduction) requireOperator(await authenticate(req, needs));
          res.setHeader('content-type', metrics.contentType);
          res.end(await metrics.render(await hub.metrics()));
        },
      },
      {
        method: 'get',
        path: '/errors/{code}',
        summary: 'Explains a code of the catalogue',
        access: 'public',
        answer: 'CatalogueEntry',
        write(req, res) {
          const { code } = req.params;
          if (typeof code !== 'string' || !isErrorCode(code)) throw new TendrilError('NOT_FOUND', { expected: 'a code of the catalogue' });
          res.json({ code, ...CATALOGUE[code] });
        },
      },
    ],
  };
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(CATALOGUE, code);
}
