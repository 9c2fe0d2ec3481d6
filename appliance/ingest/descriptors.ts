import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Descriptor, descriptor } from '../../protocol/metrics.ts';
import type { Hub } from '../hub.ts';
import type { Collection, Document, DocumentStore, Kind } from '../store/documents.ts';

interface DescriptorRecord extends Document {
  descriptor: Descriptor;
}

const descriptorRecords: Kind<DescriptorRecord> = {
  name: 'descriptors',
  schema: z.looseObject({ id: z.string(), siteId: z.string(), rev: z.number().int(), descriptor }),
  indexes: ['siteId'],
};

export interface RefusedMetric {
  metric: string;
  reason: string;
}

const MOST_PER_SITE = 5_000;
const keyOf = (siteId: string, metric: string): string => `${siteId}|${metric}`;

/** What each metric of a site is, as its agents said. The first to say it decides unit and kind; a conflict is refused and shown. */
export class Descriptors {
  readonly #records: Collection<DescriptorRecord>;
  readonly #hub: Hub;
  readonly #known = new Map<string, Descriptor>();
  /** Begins anew at each start: an ETag of an earlier run must never fit by chance. */
  readonly #run = randomBytes(6).toString('base64url');
  #revision = 0;

  private constructor(records: Collection<DescriptorRecord>, hub: Hub) {
    this.#records = records;
    this.#hub = hub;
  }

  static async open(documents: DocumentStore, hub: Hub): Promise<Descriptors> {
    const descriptors = new Descriptors(await documents.collection(descriptorRecords), hub);
    for (const record of await descriptors.#records.find()) descriptors.#known.set(record.id, record.descriptor);
    return descriptors;
  }

  /** Takes what an agent says of its metrics; answers with those whose unit or kind contradicts what is known. */
  async learn(siteId: string, said: readonly Descriptor[]): Promise<RefusedMetric[]> {
    const refused: RefusedMetric[] = [];
    const learnt: Descriptor[] = [];
    for (const each of said) {
      const known = this.get(siteId, each.id);
      const conflict = known && conflictBetween(known, each);
      if (conflict) refused.push({ metric: each.id, reason: conflict });
      else if (!known && this.#countOf(siteId) + learnt.length >= MOST_PER_SITE)
        refused.push({ metric: each.id, reason: `a site has at most ${MOST_PER_SITE} metrics` });
      else if (JSON.stringify(known) !== JSON.stringify(each)) learnt.push(each);
    }
    for (const each of learnt) await this.#store(siteId, each);
    if (learnt.length > 0) this.#hub.emit('descriptors', { siteId, descriptors: learnt });
    return refused;
  }

  get(siteId: string, metric: string): Descriptor | undefined {
    return this.#known.get(keyOf(siteId, metric));
  }

  /** All of a site, with an ETag that changes when one of them does. */
  list(siteId: string): { descriptors: Descriptor[]; etag: string } {
    const prefix = keyOf(siteId, '');
    const descriptors = [...this.#known].filter(([key]) => key.startsWith(prefix)).map(([, each]) => each);
    return { descriptors, etag: `"${this.#run}-${this.#revision}"` };
  }

  /** Forgets what a site that was removed had learnt. */
  async forgetSite(siteId: string): Promise<void> {
    const prefix = keyOf(siteId, '');
    for (const key of [...this.#known.keys()].filter((each) => each.startsWith(prefix))) {
      this.#known.delete(key);
      await this.#records.remove(key);
    }
  }

  #countOf(siteId: string): number {
    const prefix = keyOf(siteId, '');
    let count = 0;
    for (const key of this.#known.keys()) if (key.startsWith(prefix)) count++;
    return count;
  }

  async #store(siteId: string, each: Descriptor): Promise<void> {
    const id = keyOf(siteId, each.id);
    const isKnown = this.#known.has(id);
    this.#known.set(id, each);
    this.#revision++;
    if (isKnown) await this.#records.update({ id, siteId, descriptor: each });
    else await this.#records.insert({ id, siteId, descriptor: each });
  }
}

function conflictBetween(known: Descriptor, said: Descriptor): string | undefined {
  if (known.unit !== said.unit) return `unit ${said.unit} contradicts ${known.unit}`;
  if (known.kind !== said.kind) return `kind ${said.kind} contradicts ${known.kind}`;
  return undefined;
}
