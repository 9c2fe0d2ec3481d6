// The name that the LAN knows the machine by; asked for now and then, because responders change it.
import { hostname } from 'node:os';
import { ownAddresses } from '../addresses.ts';
import { localNameOf } from '../system/local-name.ts';

const localName: { name: string | null } = { name: null };

/** As it was learnt last; null where no responder of this machine answers, and where nobody has asked yet. */
export const nameOnLan = (): string | null => localName.name;

/** Asks the responder of this machine. */
export async function learnName(): Promise<void> {
  localName.name = await localNameOf({ hostName: hostname(), own: ownAddresses() });
}
