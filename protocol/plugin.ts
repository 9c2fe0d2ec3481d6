import type { z } from 'zod';

/**
 * The one shape of everything that can be added: collector, channel, condition, check, action, page.
 * One file each, listed in the `index.ts` of its folder; `settings` checks, documents and draws its own form.
 */
export interface Plugin<Settings extends z.ZodType, Deps, Opened> {
  /** Also the file's name. */
  readonly id: string;
  readonly title: string;
  readonly settings: Settings;
  open(settings: z.output<Settings>, deps: Deps): Opened;
}
