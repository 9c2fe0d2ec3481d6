import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { HostFacts } from '../protocol/agent-link.ts';
import { readFacts } from './facts.ts';
import type { SystemFiles } from './files.ts';

/** What this machine is, as the appliance has heard it last: an address, a gateway or a guest may come and go while a connection stays. */
export class OwnFacts {
  readonly #given: { machineId?: string; files?: SystemFiles };
  /** Address at which the appliance was reached; undefined while its name is not known. */
  #appliance: string | undefined;
  #told = '';

  constructor(given: { machineId?: string; files?: SystemFiles }) {
    this.#given = given;
  }

  /** To be told on a new connection to the appliance at `url`. */
  async first(url: string): Promise<HostFacts> {
    this.#appliance = await addressOf(url);
    const facts = this.#read();
    this.#told = JSON.stringify(facts);
    return facts;
  }

  /** To be told because they are others than before; undefined where nothing has changed. */
  news(): HostFacts | undefined {
    const facts = this.#read();
    const text = JSON.stringify(facts);
    if (text === this.#told) return undefined;
    this.#told = text;
    return facts;
  }

  #read(): HostFacts {
    return readFacts({ ...this.#given, ...(this.#appliance !== undefined && { appliance: this.#appliance }) });
  }
}

async function addressOf(url: string): Promise<string | undefined> {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host)) return host;
  return lookup(host).then(
    ({ address }) => address,
    () => undefined,
  );
}
