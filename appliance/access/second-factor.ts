import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { encodeBase32, normaliseBase32 } from '../../discovery/pairing/base32.ts';
import { Problem } from '../problem.ts';
import type { Seal } from '../seal.ts';
import type { SecondFactor, User } from './documents.ts';
import type { Users } from './users.ts';

const PURPOSE = 'second factor';
const SECRET_BYTES = 20;
const PERIOD_S = 30;
const BEGIN_MS = 10 * 60_000;
const RECOVERY_CODES = 10;
const RECOVERY_BYTES = 10;

/** How a code was right. */
export type Proof = 'app' | 'recovery';

const hashOf = (recoveryCode: string): string =>
  createHash('sha256').update(normaliseBase32(recoveryCode)).digest('hex');

/** 80 bits in groups of four. */
const newRecoveryCode = (): string => encodeBase32(randomBytes(RECOVERY_BYTES)).replace(/.{4}(?=.)/g, '$&-');

const totpOf = (secret: Secret, label: string): TOTP =>
  new TOTP({ issuer: 'Reeve', label, secret, algorithm: 'SHA1', digits: 6, period: PERIOD_S });

/** Codes of authenticator apps (RFC 6238, one step to either side, each good once) and recovery codes. */
export class SecondFactors {
  readonly #users: Users;
  readonly #seal: Seal;
  /** Secrets that no code has confirmed yet, by user; a restart forgets them. */
  readonly #begun = new Map<string, { secret: Secret; expiresAt: number }>();

  constructor(users: Users, seal: Seal) {
    this.#users = users;
    this.#seal = seal;
  }

  /** A secret for an app; nothing is switched on before `confirm`. */
  begin(user: User, now: number): { secret: string; uri: string; expiresAt: number } {
    if (user.secondFactor) throw new Problem('conflict', 'The second factor is switched on already; remove it first');
    const secret = new Secret({ buffer: new Uint8Array(randomBytes(SECRET_BYTES)).buffer });
    const expiresAt = now + BEGIN_MS;
    this.#begun.set(user.id, { secret, expiresAt });
    return { secret: secret.base32, uri: totpOf(secret, user.userName).toString(), expiresAt };
  }

  /** Switches it on, once the app has shown that it has the secret; answers with the recovery codes. */
  async confirm(user: User, code: string, now: number): Promise<string[]> {
    const begun = this.#begun.get(user.id);
    if (!begun || begun.expiresAt <= now) throw new Problem('conflict', 'Begin again: the secret is ten minutes old');
    const lastStep = stepOf(totpOf(begun.secret, user.userName), code, now);
    if (lastStep === undefined)
      throw new Problem('wrong-credentials', 'The code is not right; check the clock of your phone', [
        { path: 'body.code', message: 'this is not the code of now' },
      ]);
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    const sealed = this.#seal.seal(begun.secret.base32, PURPOSE);
    await this.#users.change(user.id, () => ({
      secondFactor: { sealed, lastStep, recovery: codes.map(hashOf) },
    }));
    this.#begun.delete(user.id);
    return codes;
  }

  /** Takes a code, which is used up by it; undefined when it is not right. Digits only where `digitsCount`. */
  async take(
    user: User,
    code: string,
    { now, digitsCount }: { now: number; digitsCount: boolean },
  ): Promise<Proof | undefined> {
    const digits = code.replace(/\s/g, '');
    if (/^\d{6}$/.test(digits)) return digitsCount && (await this.#takeDigits(user, digits, now)) ? 'app' : undefined;
    return (await this.#takeRecovery(user, hashOf(code))) ? 'recovery' : undefined;
  }

  #takeDigits(user: User, digits: string, now: number): Promise<boolean> {
    return this.#use(user, (factor) => {
      const secret = Secret.fromBase32(this.#seal.open(factor.sealed, PURPOSE));
      const step = stepOf(totpOf(secret, user.userName), digits, now);
      return step !== undefined && step > factor.lastStep ? { ...factor, lastStep: step } : undefined;
    });
  }

  #takeRecovery(user: User, hash: string): Promise<boolean> {
    return this.#use(user, (factor) =>
      factor.recovery.includes(hash)
        ? { ...factor, recovery: factor.recovery.filter((each) => each !== hash) }
        : undefined,
    );
  }

  /** Judges by what is on record when it is this code's turn, so that of two at once with one code only the first is right. */
  async #use(user: User, judge: (factor: SecondFactor) => SecondFactor | undefined): Promise<boolean> {
    if (!user.secondFactor || !judge(user.secondFactor)) return false; // Without a write.
    let isRight = false;
    await this.#users.change(user.id, ({ secondFactor }) => {
      const used = secondFactor && judge(secondFactor);
      isRight = used !== undefined;
      return used ? { secondFactor: used } : {};
    });
    return isRight;
  }
}

/** The time step whose code this is. */
function stepOf(totp: TOTP, token: string, now: number): number | undefined {
  const delta = totp.validate({ token: token.replace(/\s/g, ''), timestamp: now, window: 1 });
  return delta === null ? undefined : Math.floor(now / 1_000 / PERIOD_S) + delta;
}
