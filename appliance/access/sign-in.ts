import type { Hub } from '../hub.ts';
import { Problem } from '../problem.ts';
import type { Session } from '../session.ts';
import type { User } from './documents.ts';
import { LockOut } from './lock-out.ts';
import { verifyPassword } from './passwords.ts';
import type { Proof, SecondFactors } from './second-factor.ts';
import type { Opened, Sessions } from './sessions.ts';
import type { Users } from './users.ts';

/** Who tries to sign in, and from where. */
export interface Caller {
  from: string;
  /** `User-Agent`. */
  browser: string;
}

interface SignInForm {
  userName: string;
  password: string;
  code?: string | undefined;
}

export interface SignInParts {
  users: Users;
  sessions: Sessions;
  factors: SecondFactors;
  hub: Hub;
  now: () => number;
}

/** Where passwords and codes are checked, and tries at them counted. */
export class SignIn {
  readonly #parts: SignInParts;
  readonly #lockOut = new LockOut();

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** Opens a session under a new id; tells the audit trail of every refusal that was not for too many tries. */
  async open(form: SignInForm, caller: Caller): Promise<Opened & { proof?: Proof }> {
    const now = this.#parts.now();
    const { from } = caller;
    this.#lockOut.take(form.userName, from, now);
    try {
      const { user, proof } = await this.#known(form, from);
      const opened = await this.#parts.sessions.open(user, caller, now);
      this.#lockOut.clear(form.userName, from);
      return { ...opened, ...(proof && { proof }) };
    } catch (error) {
      if (error instanceof Problem && error.code !== 'second-factor-required')
        this.#refused(form.userName, from, error.message);
      throw error;
    }
  }

  async #known({ userName, password, code }: SignInForm, from: string): Promise<{ user: User; proof?: Proof }> {
    const user = this.#parts.users.byName(userName);
    if (!(await this.#isPassword(user, password)) || !user) throw new Problem('wrong-credentials');
    return user.secondFactor ? { user, proof: await this.#proven(user, code, from) } : { user };
  }

  #refused(who: string, from: string, reason: string): void {
    this.#parts.hub.emit('audit', { at: this.#parts.now(), who, from, what: 'session.refused', detail: { reason } });
  }

  /** Fails unless it is the user's password; as limited as signing in, because a stolen session must not guess it either. */
  async checkPassword(userId: string, password: string, from: string): Promise<User> {
    const user = this.#parts.users.need(userId);
    this.#lockOut.take(user.userName, from, this.#parts.now());
    if (await this.#isPassword(user, password)) {
      this.#lockOut.clear(user.userName, from);
      return user;
    }
    throw new Problem('wrong-credentials', 'The present password is not right');
  }

  /** Takes one try at confirming a second factor. */
  takeTry(session: Session, from: string): void {
    this.#lockOut.take(session.userName, from, this.#parts.now());
  }

  /** Right, and still the password when the slow hash is done. */
  async #isPassword(user: User | undefined, password: string): Promise<boolean> {
    const matches = await verifyPassword(user?.passwordHash, password);
    return matches && user !== undefined && this.#parts.users.get(user.id)?.passwordHash === user.passwordHash;
  }

  async #proven(user: User, code: string | undefined, from: string): Promise<Proof> {
    if (!code)
      throw new Problem('second-factor-required', 'Write the code of your authenticator app, or a recovery code');
    const now = this.#parts.now();
    const isKnownPlace = this.#parts.sessions.list(user.id).some((each) => each.from === from);
    const digitsCount = isKnownPlace || this.#lockOut.takeCode(user.id, now);
    const proof = await this.#parts.factors.take(user, code, { now, digitsCount });
    if (proof) return proof;
    if (!digitsCount)
      throw new Problem('too-many-requests', 'Too many codes were tried: use a recovery code, or wait an hour');
    throw new Problem('wrong-credentials', 'The code is not right; each is good once, and only for a minute');
  }
}
