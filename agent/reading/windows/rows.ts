import * as z from 'zod/mini';

/** A number of WMI: 64-bit ones come as texts from some versions. Absent, empty and null are undefined. */
export const number = z.pipe(
  z.optional(z.nullable(z.union([z.number(), z.string()]))),
  z.transform((value) => {
    const read = value === null || value === undefined || value === '' ? Number.NaN : Number(value);
    return Number.isFinite(read) ? read : undefined;
  }),
);

export const text = z.pipe(
  z.optional(z.nullable(z.string())),
  z.transform((value) => value?.trim() || undefined),
);

/** Those of the objects that have the shape; what is odd is left out. */
export function rowsOf<S extends z.ZodMiniType>(schema: S, found: readonly unknown[]): z.output<S>[] {
  return found.flatMap((each) => {
    const parsed = schema.safeParse(each);
    return parsed.success ? [parsed.data] : [];
  });
}

/** A query of WMI for these properties, as a script; class and properties are ours, and nothing of it comes from outside. */
export const query = (className: string, properties: readonly string[], rest = ''): string =>
  `Get-CimInstance -ClassName ${className} -Property ${properties.join(',')}${rest && ` ${rest}`} | Select-Object -Property ${properties.join(',')}`;
