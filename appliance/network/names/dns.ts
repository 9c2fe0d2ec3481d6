import { Resolver } from 'node:dns/promises';
import { each } from '../sweep/knock.ts';
import { cleanText, type Found, type NameProbe } from './name-probe.ts';

const AT_ONCE = 16;
const TIMEOUT_MS = 1_500;

/** Reverse DNS: what the name server of this machine calls an address, as most routers do for what they gave it to. */
export const dns: NameProbe = {
  id: 'dns',
  title: 'Reverse DNS',
  async ask(ips, { signal }) {
    const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
    const found = new Map<string, Found>();
    // A name server that does not answer would cost its time for each address: the first ones tell.
    let failures = 0;
    const stop = (): void => resolver.cancel();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await each(ips, { atOnce: AT_ONCE, signal }, async (ip) => {
        if (failures > AT_ONCE) return;
        try {
          const [first = ''] = await resolver.reverse(ip);
          const name = cleanText(first);
          if (name !== undefined) found.set(ip, { name });
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'ENOTFOUND')) failures += 1;
        }
      });
    } finally {
      signal.removeEventListener('abort', stop);
    }
    return found;
  },
};
