import type { Hub } from '../hub.ts';
import { newId } from '../ids.ts';
import { Problem } from '../problem.ts';
import { RateLimit } from '../rate-limit.ts';
import type { Seal } from '../seal.ts';
import type { Session } from '../session.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { type Site, sessionRecords, sites, type User, users } from './documents.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { Sessions, tokensIn } from './sessions.ts';
import { SetupCode } from './setup-code.ts';

const SIGN_IN_TRIES = 10;
const SIGN_IN_WINDOW_MS = 5 * 60_000;
/** From one address, whatever the names: each try costs 19 MiB for a moment. */
const ADDRESS_TRIES = 60;

export interface Opened {
  session: Session;
  token: string;
}

export interface AccessOptions {
  documents: DocumentStore;
  seal: Seal;
  hub: Hub;
  now: () => number;
}

/** Owner, users and sessions. Nobody gets in before the owner was made with the set-up code. */
export class Access {
  readonly setupCode = new SetupCode();
  readonly sessions: Sessions;
  readonly #sites: Collection<Site>;
  readonly #users: Collection<User>;
  readonly #options: AccessOptions;
  readonly #tries = new RateLimit(SIGN_IN_TRIES, SIGN_IN_WINDOW_MS);
  readonly #addressTries = new RateLimit(ADDRESS_TRIES, SIGN_IN_WINDOW_MS);
  readonly #onSetUp = new Set<(site: Site) => void>();
  #site: Site | undefined;
  #settingUp = false;

  private constructor(
    options: AccessOptions,
    store: { sites: Collection<Site>; users: Collection<User>; sessions: Sessions },
  ) {
    this.#options = options;
    this.#sites = store.sites;
    this.#users = store.users;
    this.sessions = store.sessions;
  }

  static async open(options: AccessOptions): Promise<Access> {
    const { documents, seal, now } = options;
    const [siteRecords, userRecords, records] = await Promise.all([
      documents.collection(sites),
      documents.collection(users),
      documents.collection(sessionRecords),
    ]);
    const sessions = new Sessions(seal, records, (id) => userRecords.get(id));
    await sessions.load(now());
    const access = new Access(options, { sites: siteRecords, users: userRecords, sessions });
    await access.#resume();
    return access;
  }

  /**
   * The owner is written last: a site without an owner is a set-up that was interrupted, and goes on with the same site. An owner
   * whose site was lost gets it back under its id, because everything else belongs to that id.
   */
  async #resume(): Promise<void> {
    const [owner] = (await this.#users.find()).filter((user) => user.isOwner);
    if (!owner) return;
    const { siteId, createdAt } = owner;
    this.#site =
      (await this.#sites.get(siteId)) ?? (await this.#sites.insert({ id: siteId, siteId, name: 'Home', createdAt }));
  }

  /** The one site there is; undefined until the owner was made. */
  get site(): Site | undefined {
    return this.#site;
  }

  onSetUp(listener: (site: Site) => void): void {
    this.#onSetUp.add(listener);
  }

  async createOwner(
    form: { code: string; siteName: string; userName: string; password: string },
    from: string,
  ): Promise<Opened> {
    if (this.#site) throw new Problem('already-set-up', 'Sign in, or ask the owner for an account');
    const now = this.#options.now();
    this.setupCode.check(form.code, now);
    if (this.#settingUp) throw new Problem('already-set-up', 'The owner is being made by somebody else');
    this.#settingUp = true;
    try {
      const user = await this.#makeOwner(form, now);
      this.#audit(user, from, 'owner.created');
      const opened = await this.sessions.open(user, from, now);
      for (const listener of this.#onSetUp) if (this.#site) listener(this.#site);
      return opened;
    } finally {
      this.#settingUp = false;
    }
  }

  async #makeOwner(form: { siteName: string; userName: string; password: string }, now: number): Promise<User> {
    const passwordHash = await hashPassword(form.password);
    const [begun] = await this.#sites.find();
    const id = begun?.id ?? newId(now);
    const site = begun
      ? await this.#sites.update({ ...begun, name: form.siteName })
      : await this.#sites.insert({ id, siteId: id, name: form.siteName, createdAt: now });
    const user = await this.#users.insert({
      id: newId(now),
      siteId: site.id,
      userName: form.userName,
      passwordHash,
      roles: [{ siteId: site.id, role: 'admin' }],
      isOwner: true,
      createdAt: now,
    });
    this.#site = site;
    return user;
  }

  /** Tries are limited per name and address together, so that nobody can lock the owner out from elsewhere. */
  async signIn(form: { userName: string; password: string }, from: string): Promise<Opened> {
    const now = this.#options.now();
    const key = `${form.userName}|${from}`;
    if (!this.#addressTries.take(from, now) || !this.#tries.take(key, now)) {
      throw new Problem('too-many-requests', 'Too many tries; wait five minutes');
    }
    const [user] = await this.#users.find({ userName: form.userName });
    if (!(await verifyPassword(user?.passwordHash, form.password)) || !user) throw new Problem('wrong-credentials');
    this.#tries.clear(key);
    this.#audit(user, from, 'session.opened');
    return this.sessions.open(user, from, now);
  }

  signOut(session: Session): Promise<void> {
    return this.sessions.end(session.id);
  }

  /** The session of a `Cookie` header, for requests and sockets alike. */
  async authenticate(cookieHeader: string | undefined, secure: boolean): Promise<Session | undefined> {
    for (const token of tokensIn(cookieHeader, secure)) {
      const session = await this.sessions.verify(token, this.#options.now());
      if (session) return session;
    }
    return undefined;
  }

  async siteName(siteId: string): Promise<string> {
    return (await this.#sites.get(siteId))?.name ?? '';
  }

  #audit(user: User, from: string, what: string): void {
    const { hub, now } = this.#options;
    hub.emit('audit', { at: now(), siteId: user.siteId, who: user.userName, from, what, detail: {} });
  }
}
