import { allOf } from '../paging.ts';
import { ApiProblem } from '../rest.ts';
import type { Silence } from './columns.ts';
import type { Plan } from './plan-dialog.ts';
import { atPlan, type Known } from './plan-form.ts';
import type { Quieted } from './quiet-now.ts';

/** Everything that the maintenance page shows. */
export interface Read {
  quieted: readonly Quieted[];
  plans: readonly Plan[];
  silences: readonly Silence[];
  rules: Known['rules'];
}

/** Reads it anew. Throws `ApiProblem`. */
export async function readMaintenance(): Promise<Read> {
  const [quieted, plans, silences, rules] = await Promise.all([
    allOf('GET /api/v1/silenced'),
    allOf('GET /api/v1/maintenance-windows'),
    allOf('GET /api/v1/silences'),
    allOf('GET /api/v1/alert-rules'),
  ]);
  return { quieted, plans, silences, rules };
}

/** Sends; field problems are thrown at the names that the form has. */
export async function atFields(send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    throw new ApiProblem(error.code, error.status, { message: error.message, fields: error.fields.map(atPlan) });
  }
}
