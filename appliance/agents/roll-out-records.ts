import { z } from 'zod';
import { type RollOut, rollOut } from '../../protocol/routes/roll-outs.ts';
import type { Document, Kind } from '../store/documents.ts';

/** An update of agents in waves, as it is kept: written when a wave begins and when it is through. */
export type RollOutRecord = RollOut & Document;
export type RollOutAgent = RollOut['agents'][number];

export const rollOutRecords: Kind<RollOutRecord> = {
  name: 'roll-outs',
  schema: z.looseObject({ ...rollOut.shape, siteId: z.string(), rev: z.number().int() }),
  indexes: ['siteId'],
};

/** As the API tells it. */
export const asRollOut = ({ siteId: _site, rev: _rev, ...told }: RollOutRecord): RollOut => told;

export const isOver = ({ state }: Pick<RollOutAgent, 'state'>): boolean =>
  state === 'done' || state === 'failed' || state === 'left';

/** In words for people: `12 of 40 updated, 1 failed`. */
export function outcomeText({ agents, version }: RollOut): string {
  const count = (wanted: RollOutAgent['state']) => agents.filter(({ state }) => state === wanted).length;
  const [done, failed, left] = [count('done'), count('failed'), count('left')];
  const rest = [failed > 0 && `${failed} failed`, left > 0 && `${left} left as they were`].filter(Boolean);
  return [`${done} of ${agents.length} agents updated to ${version}`, ...rest].join(', ');
}
