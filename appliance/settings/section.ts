import type { z } from 'zod';
import type { Role } from '../session.ts';

/** What a section may ask of the machine at the first start. */
export interface Facts {
  /** Free bytes where the data is. */
  freeBytes(): Promise<number>;
}

/**
 * One section of settings: one file in `sections/`, one line in its `index.ts`; store, routes, audit trail and the form on the
 * Settings page follow from it. Fields are those of `settings` at the top level; a secret one (`meta({secret: true})`) is a text that
 * may be absent. Texts may hold `${VARIABLE}`.
 */
export interface Section<Id extends string = string, Shape extends z.ZodObject = z.ZodObject> {
  /** Also the file's name. */
  readonly id: Id;
  readonly title: string;
  /** Whether each site has its own. */
  readonly scope: 'appliance' | 'site';
  /** The least role that sees it and that changes it; what holds for the whole appliance belongs to owners. */
  readonly access: { readonly read: Role; readonly change: Role };
  readonly settings: Shape;
  /** Valid by themselves. */
  readonly defaults: z.output<Shape>;
  /** Only where the appliance is a flashed image; elsewhere nobody sees it. */
  readonly onImage?: true;
  /** Of the appliance only: defaults that depend on the machine, chosen at the first start and kept from then on. */
  first?(facts: Facts): Promise<Partial<z.output<Shape>>>;
}

/** Declares a section, with its types kept. */
export const section = <const Id extends string, Shape extends z.ZodObject>(
  declared: Section<Id, Shape>,
): Section<Id, Shape> => declared;
