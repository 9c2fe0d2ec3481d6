/** Forms that hold something typed which was not saved. */
const held = new Set<object>();

/** Says whether `form` holds something unsaved; to be said again when that changes, and when the form goes. */
export function holdUnsaved(form: object, isDirty: boolean): void {
  if (isDirty) held.add(form);
  else held.delete(form);
}

/** Whether leaving the page would lose what somebody typed. */
export const hasUnsaved = (): boolean => held.size > 0;

/** Forgets all: the person said that it may go. */
export const dropUnsaved = (): void => held.clear();
