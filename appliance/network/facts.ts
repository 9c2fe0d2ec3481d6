import type { Device } from '../../protocol/network.ts';
import type { FactEvent, Hub } from '../hub.ts';
import { DAY_MS } from '../spans.ts';

type Fact = Omit<FactEvent, 'at' | 'siteId'>;

/** What the alerts ask of a device: how it is shown, what people want to be told of, and what is open about it. */
export interface Judgeable {
  device: Pick<Device, 'id' | 'title' | 'standing' | 'presence' | 'address' | 'macs' | 'tellGone' | 'fixedAddress'>;
  isUntold: boolean;
  /** The title of the device that has its address now. */
  conflict?: string;
  /** Who has the address that belongs to it, where that is another one. */
  taker?: string;
  /** Nearest end of a certificate that is looked at; absent where none is. */
  expiry?: { port: number; subject: string; notAfter: number; notBefore: number };
}

/** A certificate is told of so long before its end, or in the last fifth of a short life. */
const EXPIRY_MS = 14 * DAY_MS;
const EXPIRY_SHARE = 0.2;

/** When a certificate begins to be a matter. */
export const expiryDueAt = ({ notAfter, notBefore }: { notAfter: number; notBefore: number }): number =>
  notAfter - Math.min(EXPIRY_MS, (notAfter - notBefore) * EXPIRY_SHARE);

const fact = (kind: string, key: string, rest: Omit<Fact, 'kind' | 'key' | 'state'> & { isWrong: boolean }): Fact => {
  const { isWrong, ...told } = rest;
  return { kind, key, state: isWrong ? 'wrong' : 'ok', ...told };
};

/** Everything that is to be said of a device, wrong or right; pure. */
export function factsOf({ device, isUntold, conflict, taker, expiry }: Judgeable, now: number): Fact[] {
  const { id, title, standing, presence, address, macs, fixedAddress } = device;
  const [card] = macs;
  const vendor = card?.vendor ? `, ${card.vendor}` : '';
  const isDue = expiry !== undefined && now >= expiryDueAt(expiry);
  return [
    fact('device', id, {
      isWrong: standing === 'new' && !isUntold,
      severity: 'medium',
      text: `New device on the LAN: ${title} at ${address ?? 'an unknown address'} (${card?.mac ?? 'no MAC'}${vendor})`,
    }),
    fact('device-gone', id, {
      isWrong: device.tellGone && presence === 'gone',
      severity: 'high',
      text: `${title} is gone from the LAN; its last address was ${address ?? 'unknown'}`,
    }),
    fact('address-conflict', id, {
      isWrong: conflict !== undefined,
      severity: 'high',
      text: `${title} and ${conflict ?? 'another device'} both have the address ${address ?? ''}`,
    }),
    fact('address-taken', id, {
      isWrong: taker !== undefined,
      severity: 'high',
      text: `${fixedAddress ?? 'The address'} belongs to ${title}, but ${taker ?? 'another device'} has it`,
    }),
    fact('certificate', `device ${id}`, {
      isWrong: isDue,
      severity: expiry !== undefined && now >= expiry.notAfter ? 'critical' : 'high',
      text: expiry
        ? `The certificate of ${title}, port ${expiry.port} (${expiry.subject}), ${now >= expiry.notAfter ? 'expired' : 'expires'} on ${new Date(expiry.notAfter).toISOString().slice(0, 10)}`
        : `No certificate of ${title} is looked at`,
    }),
  ];
}

const KINDS = ['device', 'device-gone', 'address-conflict', 'address-taken', 'certificate'] as const;

/** Tells facts when they change, and as right again when a device is forgotten. */
export class Teller {
  readonly #hub: Hub;
  readonly #now: () => number;
  readonly #told = new Map<string, string>();

  constructor(hub: Hub, now: () => number) {
    this.#hub = hub;
    this.#now = now;
  }

  /** What was never wrong since the start is told as right once: the run before may have left it wrong. */
  tell(siteId: string, facts: readonly Fact[]): void {
    for (const each of facts) {
      const key = JSON.stringify([siteId, each.kind, each.key]);
      const said = `${each.state} ${each.state === 'wrong' ? each.text : ''}`;
      if (this.#told.get(key) === said) continue;
      this.#told.set(key, said);
      this.#hub.emit('fact', { siteId, ...each, at: this.#now() });
    }
  }

  forget(siteId: string, deviceId: string): void {
    const text = 'The device was forgotten';
    this.tell(
      siteId,
      KINDS.map((kind) => {
        const key = kind === 'certificate' ? `device ${deviceId}` : deviceId;
        return { kind, key, state: 'ok', severity: 'low', text };
      }),
    );
    for (const key of this.#told.keys()) if (key.includes(deviceId)) this.#told.delete(key);
  }
}
