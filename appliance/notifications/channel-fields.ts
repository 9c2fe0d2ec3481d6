import { z } from 'zod';

/** Fields that several channels have, so that they are called and checked alike. */
export const webAddress = z
  .url({ protocol: /^https?$/, message: 'give an address that begins with https://' })
  .max(2_000, 'use at most 2000 characters');

export const allowPlain = z
  .boolean()
  .default(false)
  .meta({ title: 'Allow a connection that is not encrypted', description: 'Whoever listens on the way can read it.' });

export const caCertificate = z
  .string()
  .max(20_000)
  .regex(/^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/, 'paste a certificate in PEM form')
  .exactOptional()
  .meta({
    title: 'CA of the far end',
    widget: 'lines',
    description: 'Only for a server with a certificate of its own.',
  });

export const secret = (title: string) => z.string().min(1, 'give it').max(1_000).meta({ title, secret: true });
