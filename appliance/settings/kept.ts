import { choicesOf, type Fields, isFields, isSealed } from '../secret-fields.ts';
import { hasReference } from '../variables.ts';
import type { Section } from './section.ts';

/** What is still valid of a stored section, field by field, over what it begins with. */
export function kept({ settings }: Section, beginning: Fields, stored: unknown): Fields {
  let fields = beginning;
  const apart: Fields = {};
  const choices = choicesOf(settings);
  for (const [name, field] of Object.entries(isFields(stored) ? stored : {})) {
    if (!Object.hasOwn(settings.shape, name)) continue;
    // Neither can be judged now: a missing variable may be back at the next start.
    if (isSealed(field) || (hasReference(field) && !choices.includes(name))) {
      apart[name] = field;
      continue;
    }
    const next = settings.safeParse({ ...fields, [name]: field });
    if (next.success) fields = next.data;
  }
  return { ...fields, ...apart };
}
