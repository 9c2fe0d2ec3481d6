import { health, ready } from '../../protocol/routes/health.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import { mayDo } from '../session.ts';

export interface PartState {
  status: 'ok' | 'degraded' | 'failed';
  detail: string;
}

export interface Part {
  name: string;
  check(): PartState;
}

const ORDER = ['ok', 'degraded', 'failed'] as const;

/** The state of the whole is that of its worst part. */
export function judgeParts(parts: readonly Part[]): {
  status: PartState['status'];
  parts: (PartState & { name: string })[];
} {
  const states = parts.map((part) => ({ name: part.name, ...part.check() }));
  const worst = Math.max(0, ...states.map(({ status }) => ORDER.indexOf(status)));
  return { status: ORDER[worst] ?? 'ok', parts: states };
}

export interface HealthParts {
  version: string;
  parts: readonly Part[];
}

export function serveHealth(routes: Routes, { version, parts }: HealthParts): void {
  routes.serve(health, () => ({ status: 'ok' as const, version, uptimeSeconds: Math.round(process.uptime()) }));
  routes.serve(ready, ({ session }) => {
    const state = judgeParts(parts);
    // How many agents there are, and what failed, is of the whole appliance: nobody else is to infer other sites by it.
    const mayKnow = session !== undefined && mayDo(session, 'owner');
    const failed = state.parts.filter(({ status }) => status === 'failed');
    if (failed.length > 0)
      throw new Problem('storage-unavailable', failed.map((part) => failureOf(part, mayKnow)).join('; '));
    if (mayKnow) return state;
    return { ...state, parts: state.parts.map(({ name, status }) => ({ name, status, detail: '' })) };
  });
}

const failureOf = ({ name, detail }: PartState & { name: string }, mayKnow: boolean): string =>
  mayKnow ? `${name}: ${detail}` : `${name} has failed; the log and Settings → System say why`;
