import type { z } from 'zod';
import type { FieldProblem } from '../protocol/problem.ts';
import { Problem } from './problem.ts';
import type { Seal } from './seal.ts';
import {
  choicesOf,
  type Fields,
  isLeftAlone,
  isSealed,
  masked,
  openField,
  sealField,
  secretsOf,
} from './secret-fields.ts';
import { hasReference, type LookUp, resolved, withReferences } from './variables.ts';

export interface SealedFormParts {
  seal: Seal;
  /** Variables of the environment that texts may refer to. */
  lookUp: LookUp;
}

interface Taken {
  given: Fields;
  stored: Fields;
  /** Whether who gives them may bring in variables. */
  mayRefer: boolean;
}

/**
 * Values that people enter into a form with secrets: kept with each secret sealed to its place and with `${VARIABLE}` as written, used
 * with both resolved. Secret fields are those that the schema marks, at the first level.
 */
export class SealedForm<Shape extends z.ZodObject = z.ZodObject> {
  readonly #title: string;
  readonly #schema: Shape;
  readonly #parts: SealedFormParts;
  readonly #secrets: readonly string[];
  readonly #choices: string[];

  constructor({ title, settings }: { title: string; settings: Shape }, parts: SealedFormParts) {
    this.#title = title;
    this.#schema = settings;
    this.#parts = parts;
    this.#secrets = secretsOf(settings);
    this.#choices = choicesOf(settings);
  }

  /** As people see it: each secret as `{set: …}`. */
  view(stored: Fields): Fields {
    return masked(stored, this.#secrets);
  }

  /**
   * What is to be stored in place of `stored`, and used, when people send `given`: a secret that is absent or `{set: …}` stays, null or ''
   * takes it away. Fails with `invalid-request` and the fields (`body.value.…`) when it is not valid.
   */
  take(place: string, { given, stored, mayRefer }: Taken): { stored: Fields; usable: z.output<Shape> } {
    const plain = this.#withSecrets(place, { given, stored });
    if (!mayRefer) this.#refuseReferences(place, { plain, stored });
    const usable = this.usable(place, plain);
    return { usable, stored: this.seal(place, withReferences(plain, usable) as Fields) };
  }

  /** The values that the appliance works with, out of stored or given ones; fails as `take` does. */
  usable(place: string, fields: Fields): z.output<Shape> {
    const { value, problems } = this.#judge(place, fields);
    if (problems.length === 0) return value as z.output<Shape>;
    const errors = problems.map(({ path, message }) => ({ path: `body.value.${path}`, message }));
    const text = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
    throw new Problem('invalid-request', `${this.#title}: ${text}`, errors);
  }

  /** What keeps stored values from working: a variable that is missing, a secret that was sealed with another key. */
  problems(place: string, stored: Fields): FieldProblem[] {
    return this.#judge(place, stored).problems;
  }

  /** The fields with each secret sealed to `place`. */
  seal(place: string, plain: Fields): Fields {
    const stored = { ...plain };
    for (const field of this.#secrets) {
      const value = plain[field];
      if (typeof value === 'string' && value !== '')
        stored[field] = sealField(this.#parts.seal, { place, field }, value);
      else delete stored[field];
    }
    return stored;
  }

  /** The environment belongs to the whole appliance: who may change one site could send a variable to an address of their own. */
  #refuseReferences(place: string, { plain, stored }: { plain: Fields; stored: Fields }): void {
    const same = (field: string): boolean =>
      JSON.stringify(plain[field]) === JSON.stringify(this.#opened(place, field, stored[field]));
    // The secret of a field that stays may go wherever another field says: that one must not change either.
    const isUsed = Object.keys(plain).some((field) => hasReference(plain[field]));
    const changed = Object.keys(plain).filter((field) => !same(field));
    if (!isUsed || changed.length === 0) return;
    const message = 'it refers to a variable of the appliance: only an owner may change that';
    const field = changed.find((each) => hasReference(plain[each])) ?? changed[0] ?? '';
    const problem = { path: `body.value.${field}`, message };
    throw new Problem('invalid-request', `${this.#title}: ${field}: ${message}`, [problem]);
  }

  #withSecrets(place: string, { given, stored }: { given: Fields; stored: Fields }): Fields {
    const plain = { ...given };
    for (const field of this.#secrets) {
      const value = isLeftAlone(given[field]) ? this.#opened(place, field, stored[field]) : given[field];
      if (value === undefined || value === null || value === '') delete plain[field];
      else plain[field] = value;
    }
    return plain;
  }

  #opened(place: string, field: string, stored: unknown): unknown {
    return isSealed(stored) ? openField(this.#parts.seal, { place, field }, stored) : stored;
  }

  #judge(place: string, fields: Fields): { value: unknown; problems: FieldProblem[] } {
    const plain = { ...fields };
    const unreadable: FieldProblem[] = [];
    for (const field of this.#secrets) {
      const value = this.#opened(place, field, fields[field]);
      if (value !== undefined) plain[field] = value;
      else if (fields[field] !== undefined) {
        delete plain[field];
        unreadable.push({ path: field, message: 'it was sealed with another key: enter it again' });
      }
    }
    const { value, problems } = resolved(plain, this.#parts.lookUp, this.#choices);
    if (unreadable.length + problems.length > 0) return { value, problems: [...unreadable, ...problems] };
    const { data, error } = this.#schema.safeParse(value);
    const issues = (error?.issues ?? []).slice(0, 20);
    return { value: data, problems: issues.map(({ path, message }) => ({ path: path.join('.'), message })) };
  }
}
