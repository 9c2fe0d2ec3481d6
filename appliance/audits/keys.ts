import type { AuditKey } from '../../protocol/audits.ts';
import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import type { Seal } from '../seal.ts';
import { KeyError, makeKeyPair, readKeyPair } from '../ssh-keys.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { type KeyRecord, keyRecords } from './documents.ts';

export interface AuditKeysParts {
  documents: DocumentStore;
  seal: Seal;
  now: () => number;
}

/** More than anybody keeps apart. */
const MOST = 50;
const purposeOf = (id: string): string => `audit key ${id}`;

/** The keys that audits sign in with: private parts only sealed on disk, and in memory only while they sign in. */
export class AuditKeys {
  readonly #records: Collection<KeyRecord>;
  readonly #parts: AuditKeysParts;

  private constructor(records: Collection<KeyRecord>, parts: AuditKeysParts) {
    this.#records = records;
    this.#parts = parts;
  }

  static async open(parts: AuditKeysParts): Promise<AuditKeys> {
    return new AuditKeys(await parts.documents.collection(keyRecords), parts);
  }

  list(siteId: string): Promise<KeyRecord[]> {
    return this.#records.find({ siteId }, { sort: { by: 'id', order: 'up' } });
  }

  /** Fails with `not-found` also for a key of another site. */
  async need(siteId: string, id: string): Promise<KeyRecord> {
    const record = await this.#records.get(id);
    if (record?.siteId !== siteId) throw new Problem('not-found', 'There is no such SSH key');
    return record;
  }

  /** Makes a key, or takes the one that is given; fails with the field where that is none. */
  async add(
    siteId: string,
    by: string,
    {
      name,
      privateKey = '',
      passphrase = '',
    }: { name: string; privateKey?: string | undefined; passphrase?: string | undefined },
  ): Promise<KeyRecord> {
    if ((await this.list(siteId)).length >= MOST)
      throw new Problem('invalid-request', `A site has at most ${MOST} SSH keys`);
    const comment = `reeve-${name.replace(/[^A-Za-z0-9._-]+/g, '-')}`;
    const pair =
      privateKey.trim() === ''
        ? await makeKeyPair(comment)
        : await readKeyPair(privateKey, passphrase, comment).catch(asProblem);
    const now = this.#parts.now();
    const id = newId(now);
    const { privateKey: secret, ...open } = pair;
    const sealed = this.#parts.seal.seal(secret, purposeOf(id));
    return this.#records.insert({ id, siteId, name, ...open, sealed, createdAt: now, createdBy: by });
  }

  /** The private key, to sign in with at once. Fails where it was sealed with another key. */
  secretOf({ id, sealed, name }: KeyRecord): string {
    try {
      return this.#parts.seal.open(sealed, purposeOf(id));
    } catch {
      throw new Problem(
        'invalid-request',
        `The SSH key “${name}” was sealed with another key: remove it and make a new one`,
      );
    }
  }

  async remove(id: string): Promise<void> {
    await this.#records.remove(id);
  }

  async forgetSite(siteId: string): Promise<void> {
    for (const { id } of await this.list(siteId)) await this.#records.remove(id);
  }
}

export const asAuditKey = ({ sealed: _, siteId: __, rev: ___, ...key }: KeyRecord, uses: number): AuditKey => ({
  ...key,
  uses,
});

function asProblem(error: unknown): never {
  if (!(error instanceof KeyError)) throw error;
  throw new Problem('invalid-request', error.message, [{ path: `body.${error.field}`, message: error.message }]);
}
