/** Sentences of one language, keyed by the English one. What is missing stays English. */
export type Dictionary = Record<string, string>;

const state: { language: string; dictionary: Dictionary } = { language: 'en', dictionary: {} };

/** Switches the language of everything that is drawn from now on. */
export function setLanguage(language: string, dictionary: Dictionary): void {
  state.language = language;
  state.dictionary = dictionary;
}

/** BCP 47 tag of the language in use, for number and date formats. */
export const language = (): string => state.language;

/** The sentence in the language in use; `{name}` is replaced by `values.name`. Every string for people passes here. */
export function msg(text: string, values: Record<string, string | number> = {}): string {
  const found = state.dictionary[text] ?? text;
  return found.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** `one` or `other` by the language's own rule, with `{count}` filled in. */
export function plural(count: number, forms: { one: string; other: string }): string {
  const rule = new Intl.PluralRules(state.language).select(count);
  return msg(rule === 'one' ? forms.one : forms.other, { count });
}
