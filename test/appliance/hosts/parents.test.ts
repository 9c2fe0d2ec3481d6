import { describe, expect, test } from 'vitest';
import { learnParents } from '../../../appliance/hosts/parents.ts';
import type { HostFacts } from '../../../protocol/agent-link.ts';
import type { Host } from '../../../protocol/hosts.ts';
import { someFacts } from '../../helpers/pairing-appliance.ts';
import { seeded } from '../../helpers/seeded.ts';
import { hostOf, idOf } from '../../helpers/telling-world.ts';

const macOf = (n: number): string => `02:00:00:00:00:${n.toString(16).padStart(2, '0')}`;
const withFacts = (n: number, facts: Partial<HostFacts>, more: Partial<Host> = {}): Host =>
  hostOf(n, { facts: { ...someFacts, macs: [macOf(n)], addresses: [`192.0.2.${n}`], ...facts }, ...more });
const behind = (address: string, mac?: string) => ({
  gateways: [{ address, isOnTheWay: true, ...(mac !== undefined && { mac }) }],
});
const parentsOf = (hosts: readonly Host[]) =>
  Object.fromEntries(
    [...learnParents(hosts)].map(([id, { id: parent, from }]) => [
      Number(id.slice(-3)) - 100,
      [Number(parent.slice(-3)) - 100, from],
    ]),
  );

describe('what a host depends on is learnt', () => {
  test('from the router on its way: the host with that MAC, else the one with that address', () => {
    const router = withFacts(1, {});
    expect(parentsOf([router, withFacts(2, behind('198.51.100.1', macOf(1)))])).toEqual({ 2: [1, 'gateway'] });
    expect(parentsOf([router, withFacts(3, behind('192.0.2.1'))])).toEqual({ 3: [1, 'gateway'] });
    const byHand = hostOf(4, { kind: 'ssh', addresses: ['198.51.100.9'] });
    expect(parentsOf([byHand, withFacts(5, behind('198.51.100.9', macOf(77)))])).toEqual({ 5: [4, 'gateway'] });
  });

  test('not from a router that is not on its way, that several hosts may be, or whose card is another', () => {
    const aside = withFacts(2, { gateways: [{ address: '192.0.2.1', mac: macOf(1), isOnTheWay: false }] });
    expect(parentsOf([withFacts(1, {}), aside])).toEqual({});
    const twins = [withFacts(1, { addresses: ['192.168.1.1'] }), withFacts(2, { addresses: ['192.168.1.1'] })];
    expect(parentsOf([...twins, withFacts(3, behind('192.168.1.1'))])).toEqual({});
    expect(parentsOf([withFacts(1, {}), withFacts(3, behind('192.0.2.1', macOf(99)))])).toEqual({});
  });

  test('from the machine that hears its card in a bridge, before the router, and only by a host that says it is virtual', () => {
    const router = withFacts(1, {});
    const metal = withFacts(2, { guestMacs: [macOf(3)], ...behind('192.0.2.1', macOf(1)) });
    const guest = withFacts(3, { virtualisation: 'kvm', ...behind('192.0.2.1', macOf(1)) });
    expect(parentsOf([router, metal, guest])).toEqual({ 2: [1, 'gateway'], 3: [2, 'hypervisor'] });
    expect(parentsOf([metal, withFacts(3, {})])).toEqual({});
  });

  test('of a guest in a guest: the inner one is its machine', () => {
    const outer = withFacts(1, { guestMacs: [macOf(2), macOf(3)] });
    const inner = withFacts(2, { virtualisation: 'kvm', guestMacs: [macOf(3)] });
    const guest = withFacts(3, { virtualisation: 'docker' });
    expect(parentsOf([outer, inner, guest])).toEqual({ 2: [1, 'hypervisor'], 3: [2, 'hypervisor'] });
  });

  test('of a container that has the cards of its machine', () => {
    const metal = withFacts(1, {});
    const container = withFacts(2, { virtualisation: 'docker', macs: [macOf(1)] });
    expect(parentsOf([metal, container])).toEqual({ 2: [1, 'hypervisor'] });
    expect(parentsOf([metal, withFacts(2, { virtualisation: 'kvm', macs: [macOf(1)] })])).toEqual({});
  });

  test('and stays while the guest is off and unheard, until another machine hears it or its card is another', () => {
    const was = { learntParent: { id: idOf(1), from: 'hypervisor', evidence: macOf(3), at: 1 } } as const;
    const guest = withFacts(3, { virtualisation: 'kvm' }, was);
    const silent = withFacts(1, {});
    expect(parentsOf([silent, guest])).toEqual({ 3: [1, 'hypervisor'] });
    expect(parentsOf([silent, withFacts(2, { guestMacs: [macOf(3)] }), guest])).toEqual({ 3: [2, 'hypervisor'] });
    expect(parentsOf([guest])).toEqual({});
    expect(parentsOf([silent, withFacts(3, { virtualisation: 'kvm', macs: [macOf(50)] }, was)])).toEqual({});
  });

  test('not where a person has chosen, or wants nothing learnt', () => {
    const metal = withFacts(1, { guestMacs: [macOf(3), macOf(4)] });
    const chosen = withFacts(3, { virtualisation: 'kvm' }, { parentId: idOf(2) });
    const unlearnt = withFacts(4, { virtualisation: 'kvm' }, { learnsParent: false });
    expect(parentsOf([metal, withFacts(2, {}), chosen, unlearnt])).toEqual({});
  });

  test('never as a circle: a router that is a guest of the machine whose way it is', () => {
    const metal = withFacts(1, { guestMacs: [macOf(2)], ...behind('192.0.2.2', macOf(2)) });
    const router = withFacts(2, { virtualisation: 'kvm' });
    expect(parentsOf([metal, router])).toEqual({ 2: [1, 'hypervisor'] });
    const said = withFacts(1, { guestMacs: [macOf(2)] }, { parentId: idOf(2) });
    expect(parentsOf([said, router])).toEqual({});
  });

  test('whatever agents say: 2,000 random fleets have no circle', () => {
    const random = seeded(5);
    const pick = (most: number) => Math.floor(random() * most);
    for (let round = 0; round < 2_000; round++) {
      const size = 2 + pick(7);
      const hosts = Array.from({ length: size }, (_, n) =>
        withFacts(
          n,
          {
            guestMacs: Array.from({ length: pick(3) }, () => macOf(pick(size))),
            ...(pick(2) === 1 && { virtualisation: pick(2) === 1 ? 'kvm' : 'docker' }),
            ...(pick(2) === 1 && behind(`192.0.2.${pick(size)}`, pick(2) === 1 ? macOf(pick(size)) : undefined)),
            macs: [macOf(pick(4) === 0 ? pick(size) : n)],
          },
          pick(4) === 0 && n > 0 ? { parentId: idOf(pick(n)) } : {},
        ),
      );
      const learnt = learnParents(hosts);
      const above = new Map(hosts.map(({ id, parentId }) => [id, parentId ?? learnt.get(id)?.id]));
      for (const { id } of hosts) {
        let at = above.get(id);
        for (let steps = 0; at !== undefined; at = above.get(at)) {
          expect(at).not.toBe(id);
          expect(++steps).toBeLessThanOrEqual(size);
        }
      }
    }
  });
});
