import { lookup } from 'node:dns/promises';

const MOST_TRIES = 9;

export interface NameParts {
  /** Host name of the machine. */
  hostName: string;
  own: readonly string[];
  /** Addresses of a name; fails where there are none. */
  lookUp?: (name: string) => Promise<readonly { address: string }[]>;
}

/**
 * The name under which the LAN finds this machine over mDNS, as `reeve.local`: the first of `name.local`, `name-2.local` … that leads
 * here. The responder of the system (avahi) takes the next one where another machine has the name already, and tells nobody.
 * Null where no responder answers.
 */
export async function localNameOf({ hostName, own, lookUp = asked }: NameParts): Promise<string | null> {
  const [label = ''] = hostName.toLowerCase().split('.');
  for (let n = 1; n <= MOST_TRIES; n++) {
    const name = `${n === 1 ? label : `${label}-${n}`}.local`;
    const found = await lookUp(name).catch(() => []);
    if (found.length === 0) return null;
    if (found.some(({ address }) => own.includes(address))) return name;
  }
  return null;
}

const asked = (name: string) => lookup(name, { all: true });
