import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import type { Role } from '../session.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { type User, users } from './documents.ts';

export interface NewUser extends Pick<User, 'userName' | 'passwordHash' | 'roles' | 'isOwner' | 'siteId'> {}

/** What may be changed of an account; `null` switches the second factor off. */
export type UserChange = Partial<
  Pick<User, 'userName' | 'passwordHash' | 'passwordChangedAt' | 'roles' | 'isOwner'>
> & {
  secondFactor?: User['secondFactor'] | null;
};

type Listener = (before: User, after: User | undefined) => void | Promise<void>;

/** Every account, in memory and on disk: each request asks for one, so that none of them reads the store. */
export class Users {
  readonly #records: Collection<User>;
  readonly #known = new Map<string, User>();
  readonly #listeners = new Set<Listener>();
  /** Changes wait for each other, so that each sees what the one before did. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(records: Collection<User>) {
    this.#records = records;
  }

  static async open(documents: DocumentStore): Promise<Users> {
    const opened = new Users(await documents.collection(users));
    for (const user of await opened.#records.find()) opened.#known.set(user.id, user);
    return opened;
  }

  /** Oldest first. */
  all(): User[] {
    return [...this.#known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  get(userId: string): User | undefined {
    return this.#known.get(userId);
  }

  need(userId: string): User {
    const user = this.#known.get(userId);
    if (!user) throw new Problem('not-found', 'There is no such user');
    return user;
  }

  byName(userName: string): User | undefined {
    for (const user of this.#known.values()) if (user.userName === userName) return user;
    return undefined;
  }

  /** Called after an account was changed or removed; a change is over when its listeners are. */
  onChange(listener: Listener): void {
    this.#listeners.add(listener);
  }

  add(user: NewUser, now: number): Promise<User> {
    return this.#inTurn(async () => {
      this.#refuseTaken(user.userName);
      const added = await this.#records.insert({ ...user, id: newId(now), passwordChangedAt: now, createdAt: now });
      this.#known.set(added.id, added);
      return added;
    });
  }

  /**
   * Changes an account by what `change` makes of it as it is by then. Fails with `conflict` when `ifRev` is another revision or
   * the name is taken, with `last-owner` when nobody would own the appliance any more.
   */
  change(userId: string, change: (user: User) => UserChange, ifRev?: number): Promise<User> {
    return this.#inTurn(async () => {
      const before = this.need(userId);
      if (ifRev !== undefined && ifRev !== before.rev)
        throw new Problem('conflict', 'Somebody else changed this account; load it again');
      const { secondFactor = before.secondFactor, ...fields } = change(before);
      if (fields.userName !== undefined && fields.userName !== before.userName) this.#refuseTaken(fields.userName);
      if (before.isOwner && fields.isOwner === false) this.#refuseLast();
      const { secondFactor: _, ...rest } = before;
      const after = await this.#records.update({ ...rest, ...fields, ...(secondFactor && { secondFactor }) });
      this.#known.set(userId, after);
      await this.#tell(before, after);
      return after;
    });
  }

  remove(userId: string): Promise<void> {
    return this.#inTurn(async () => {
      const user = this.need(userId);
      if (user.isOwner) this.#refuseLast();
      await this.#records.remove(userId);
      this.#known.delete(userId);
      await this.#tell(user, undefined);
    });
  }

  async #tell(before: User, after: User | undefined): Promise<void> {
    for (const listener of this.#listeners) await listener(before, after);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #refuseTaken(userName: string): void {
    if (!this.byName(userName)) return;
    throw new Problem('conflict', `Another account is called ${userName}`, [
      { path: 'body.userName', message: 'another account has this name' },
    ]);
  }

  #refuseLast(): void {
    if (this.all().filter(({ isOwner }) => isOwner).length > 1) return;
    throw new Problem('last-owner', 'Make another account an owner first');
  }
}

/** What a user may do in a site; undefined where they have no business at all. */
export function roleIn(user: User, siteId: string): Role | undefined {
  return user.isOwner ? 'owner' : user.roles.find((each) => each.siteId === siteId)?.role;
}
