import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseUtmp, users } from '../../../agent/collectors/users.ts';
import { copyMachine, sampled } from '../../helpers/machine.ts';

describe('users', () => {
  it('are those of logind: no greeter, no manager, none that leaves', async () => {
    const { at } = sampled([users], { root: copyMachine('laptop').root });
    expect(await at(0)).toEqual({ 'system.session.count': 3, 'system.user.count': 2 });
  });

  it('are those of utmp elsewhere, of which a damaged end is left out', async () => {
    const { at } = sampled([users], { root: copyMachine('nas').root });
    expect(await at(0)).toEqual({ 'system.session.count': 3, 'system.user.count': 2 });
    expect(parseUtmp(Buffer.alloc(0))).toEqual([]);
    expect(parseUtmp(Buffer.alloc(384 * 3, 7))).toEqual([]);
  });

  it('cannot be told where neither is', async () => {
    const { root } = copyMachine('nas');
    rmSync(`${root}/run`, { recursive: true });
    const { at, sampler } = sampled([users], { root });
    expect(await at(0)).toEqual({});
    expect(sampler.states[0]).toMatchObject({ state: 'absent' });
  });
});
