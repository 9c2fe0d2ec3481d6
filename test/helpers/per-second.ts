import { expect } from 'vitest';
import type { Owner } from './owner.ts';

interface Counted {
  first: number;
  stepMs: number;
  series: { count: (number | null)[] }[];
}

/** How many values history has of each second since `from`, of the first host that the owner sees, from the first that has one to the last. */
export async function perSecond(owner: Owner, from: number): Promise<number[]> {
  const [host] = await owner.hosts();
  const query = `from=${from}&to=${Date.now()}&metrics=system.uptime&resolution=raw&maxPoints=5000&values=count`;
  const { body, status } = await owner.request('GET', `/api/v1/history?hosts=${host?.id}&${query}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  const { series, stepMs } = body as Counted;
  expect(stepMs).toBe(1_000);
  const counts = (series[0]?.count ?? []).map((count) => count ?? 0);
  const known = counts.map((count, step) => (count > 0 ? step : -1)).filter((step) => step >= 0);
  return counts.slice(known[0] ?? 0, (known.at(-1) ?? -1) + 1);
}

/** Every second has its value once. What comes first is off the grid, and shares its second with the next. */
export function expectOnceEach([, , ...counts]: readonly number[]): void {
  expect(counts.length).toBeGreaterThan(0);
  expect(counts).toEqual(counts.map(() => 1));
}
