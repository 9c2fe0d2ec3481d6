import type { Hub } from '../hub.ts';
import type { Logger } from '../log.ts';
import { Problem } from '../problem.ts';
import type { Seal } from '../seal.ts';
import type { Role, Session } from '../session.ts';
import type { DocumentStore } from '../store/documents.ts';
import { bearerIn, type Shown } from './credentials.ts';
import { keyRecords, type Site, sessionRecords, type User } from './documents.ts';
import { Keys } from './keys.ts';
import { hashPassword } from './passwords.ts';
import { SecondFactors } from './second-factor.ts';
import { type Opened, Sessions, tokensIn } from './sessions.ts';
import { SetupCode } from './setup-code.ts';
import { type Caller, SignIn } from './sign-in.ts';
import { Sites } from './sites.ts';
import { type NewUser, roleIn, Users } from './users.ts';

export interface AccessOptions {
  documents: DocumentStore;
  seal: Seal;
  hub: Hub;
  log: Logger;
  now: () => number;
  /** Whether operators may only view in a site. */
  viewOnly(siteId: string): boolean;
  /** How long a session lasts that begins now. */
  sessionMs(): number;
  /** Sites that hosts belong to, so that one whose document was lost comes back. */
  sitesOfHosts(): Iterable<string>;
}

interface Parts {
  sites: Sites;
  users: Users;
  sessions: Sessions;
  keys: Keys;
}

/** Owner, users, sites, sessions and keys. Nobody gets in before the owner was made with the set-up code. */
export class Access {
  readonly setupCode = new SetupCode();
  readonly sites: Sites;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly keys: Keys;
  readonly factors: SecondFactors;
  readonly signIn: SignIn;
  readonly #options: AccessOptions;
  readonly #onSetUp = new Set<(site: Site) => void>();
  #site: Site | undefined;
  #settingUp = false;

  private constructor(options: AccessOptions, { sites, users, sessions, keys }: Parts) {
    this.#options = options;
    this.sites = sites;
    this.users = users;
    this.sessions = sessions;
    this.keys = keys;
    this.factors = new SecondFactors(users, options.seal);
    const { hub, now } = options;
    this.signIn = new SignIn({ users, sessions, factors: this.factors, hub, now });
    users.onChange((before, after) => this.#changed(before, after));
  }

  static async open(options: AccessOptions): Promise<Access> {
    const { documents, seal, hub, log, now, viewOnly } = options;
    const [sites, users, records, keyStore] = await Promise.all([
      Sites.open(documents, hub),
      Users.open(documents),
      documents.collection(sessionRecords),
      documents.collection(keyRecords),
    ]);
    const allowed = (role: Role, siteId: string): Role => (role === 'operator' && viewOnly(siteId) ? 'viewer' : role);
    const roleOf = (user: User, siteId: string): Role | undefined => {
      const role = sites.get(siteId) && roleIn(user, siteId);
      return role && allowed(role, siteId);
    };
    const sessions = new Sessions({
      seal,
      records,
      roleOf,
      lifeMs: () => options.sessionMs(),
      userOf: (id) => users.get(id),
      firstSiteOf: (user) => sites.all().find(({ id }) => roleIn(user, id))?.id,
    });
    const keys = await Keys.open({
      records: keyStore,
      log,
      allowed,
      makersRole: (userId, siteId) => {
        const maker = sites.get(siteId) && users.get(userId);
        return maker && roleIn(maker, siteId);
      },
      onNewPlace: ({ id, name, siteId }, from) =>
        hub.emit('audit', { at: now(), siteId, who: name, from, what: 'key.used', detail: { keyId: id } }),
    });
    await sessions.load(now());
    const access = new Access(options, { sites, users, sessions, keys });
    await access.#resume();
    return access;
  }

  /**
   * The owner is written last: a site without an owner is a set-up that was interrupted, and goes on with the same site. Sites
   * that were lost come back under their ids, because everything else belongs to those.
   */
  async #resume(): Promise<void> {
    const owner = this.users.all().find(({ isOwner }) => isOwner);
    if (!owner) return;
    const { siteId, createdAt } = owner;
    this.#site = await this.sites.restore(siteId, createdAt);
    const used = [
      ...this.#options.sitesOfHosts(),
      ...this.users.all().flatMap(({ roles }) => roles.map((each) => each.siteId)),
    ];
    for (const id of used) await this.sites.restore(id, this.#options.now());
  }

  /** The first site; undefined until the owner was made. */
  get site(): Site | undefined {
    return this.#site;
  }

  onSetUp(listener: (site: Site) => void): void {
    this.#onSetUp.add(listener);
  }

  /** Fails when it is not the code of this start, or when there is an owner. */
  checkSetupCode(code: string): void {
    if (this.#site) throw new Problem('already-set-up', 'Sign in, or ask the owner for an account');
    this.setupCode.check(code, this.#options.now());
  }

  async createOwner(
    form: { code: string; siteName: string; userName: string; password: string },
    caller: Caller,
  ): Promise<Opened> {
    this.checkSetupCode(form.code);
    const now = this.#options.now();
    if (this.#settingUp) throw new Problem('already-set-up', 'The owner is being made by somebody else');
    this.#settingUp = true;
    try {
      const user = await this.#makeOwner(form, now);
      const opened = await this.sessions.open(user, caller, now);
      for (const listener of this.#onSetUp) if (this.#site) listener(this.#site);
      return opened;
    } finally {
      this.#settingUp = false;
    }
  }

  async #makeOwner(form: { siteName: string; userName: string; password: string }, now: number): Promise<User> {
    const passwordHash = await hashPassword(form.password);
    const [begun] = this.sites.all();
    const site = begun ? await this.sites.rename(begun.id, form.siteName) : await this.sites.add(form.siteName, now);
    const user = await this.users.add(
      {
        siteId: site.id,
        userName: form.userName,
        passwordHash,
        roles: [{ siteId: site.id, role: 'admin' }],
        isOwner: true,
      },
      now,
    );
    this.#site = site;
    return user;
  }

  /** Sets a password and ends every session of the account, but for the one that asked. */
  async setPassword(userId: string, password: string, except?: string): Promise<void> {
    const passwordHash = await hashPassword(password);
    await this.users.change(userId, () => ({ passwordHash, passwordChangedAt: this.#options.now() }));
    await this.sessions.endOf(userId, except);
  }

  /** An account made by an owner; it belongs to the appliance. */
  addUser(user: Omit<NewUser, 'siteId'>): Promise<User> {
    return this.users.add({ ...user, siteId: this.#site?.id ?? '' }, this.#options.now());
  }

  /** Removes a site with its keys and the roles in it; whoever is in it goes to another of theirs. */
  async removeSite(siteId: string): Promise<void> {
    await this.sites.remove(siteId);
    await this.keys.removeAll({ siteId });
    for (const { id, roles } of this.users.all()) {
      if (roles.some((each) => each.siteId === siteId))
        await this.users.change(id, (user) => ({ roles: user.roles.filter((each) => each.siteId !== siteId) }));
      else if (this.sessions.list(id).some((each) => each.siteId === siteId)) await this.sessions.settle(id);
    }
  }

  /** Who calls. A key or token that is shown decides alone: where it is wrong, no cookie makes up for it. */
  authenticate({ headers, secure, from }: Shown): Session | undefined {
    const now = this.#options.now();
    const shown = bearerIn(headers);
    if (shown !== undefined) return this.keys.verify(shown, from, now) ?? this.sessions.verify(shown, now);
    for (const token of tokensIn(headers.cookie, secure)) {
      const session = this.sessions.verify(token, now);
      if (session) return session;
    }
    return undefined;
  }

  /** The sites that a session may change to, with what it may do there. */
  enterable(session: Session): { id: string; name: string; role: Role }[] {
    const user = session.kind === 'user' ? this.users.get(session.userId) : undefined;
    return this.sites.all().flatMap(({ id, name }) => {
      const role = user ? roleIn(user, id) : id === session.siteId ? session.role : undefined;
      return role ? [{ id, name, role }] : [];
    });
  }

  /** Whether an account may look at a site now. */
  mayLook(userId: string, siteId: string): boolean {
    const user = this.users.get(userId);
    return user !== undefined && this.sites.get(siteId) !== undefined && roleIn(user, siteId) !== undefined;
  }

  async #changed(before: User, after: User | undefined): Promise<void> {
    if (!after) {
      await this.sessions.endOf(before.id);
      return this.keys.removeAll({ userId: before.id });
    }
    const rights = ({ userName, roles, isOwner }: User): string => JSON.stringify([userName, roles, isOwner]);
    if (rights(before) === rights(after)) return;
    await this.sessions.settle(after.id);
    this.keys.settle(after.id);
  }
}
