import { z } from 'zod';
import { COST_LIMITS, machine, tariffVersion, tariffVersions } from '../cost.ts';
import { instant } from '../identity.ts';
import { route } from '../route.ts';

const ofSite = { access: 'viewer', site: 'none' } as const;
const forAdmins = { access: 'admin', site: 'none' } as const;
const refused = ['not-signed-in', 'not-allowed', 'invalid-request'] as const;

const book = z.object({
  /** 0 = nothing was written yet: the price of the general settings holds. */
  rev: z.number().int(),
  versions: z.array(tariffVersion),
  /** For a calendar month, standing charge included. */
  budget: z.number().exactOptional(),
  /** Shipped ones, and the site’s own. */
  machines: z.array(machine.extend({ isOwn: z.boolean() })),
  spot: z.object({ count: z.number().int(), from: instant.exactOptional(), to: instant.exactOptional() }),
});
export type TariffBook = z.infer<typeof book>;

export const readTariffs = route({
  id: 'cost.tariffs',
  method: 'GET',
  path: '/api/v1/cost/tariffs',
  ...ofSite,
  summary: 'Reads tariffs, budget and machines of this site',
  answer: book,
  errors: ['not-signed-in'],
});

export const changeTariffs = route({
  id: 'cost.changeTariffs',
  method: 'PUT',
  path: '/api/v1/cost/tariffs',
  ...forAdmins,
  summary: 'Changes tariffs, budget and own machines; a past tariff that is corrected corrects the past',
  body: z.strictObject({
    rev: z.number().int().min(0),
    versions: tariffVersions,
    budget: z.number().min(0, 'a budget is 0 or more').max(1e9).exactOptional(),
    machines: z
      .array(machine)
      .max(100, 'at most 100 machines')
      .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'each machine has an id of its own')
      .default([]),
  }),
  answer: book,
  errors: [...refused, 'conflict', 'storage-unavailable'],
});

export const importSpot = route({
  id: 'cost.importSpot',
  method: 'POST',
  path: '/api/v1/cost/spot-prices',
  ...forAdmins,
  summary: 'Imports prices of energy from CSV: a moment with its zone and a price on each line',
  body: z.strictObject({
    csv: z
      .string()
      .min(1, 'paste lines as 2026-05-03T13:00+02:00;0.21')
      .max(COST_LIMITS.csvBytes, 'at most 2 MB: import it in parts'),
    /** What the prices are of. */
    per: z.enum(['kWh', 'MWh']).default('kWh'),
  }),
  answer: z.object({ imported: z.number().int(), from: instant, to: instant }),
  errors: [...refused, 'storage-unavailable'],
});

export const tariffRoutes = [readTariffs, changeTariffs, importSpot] as const;
