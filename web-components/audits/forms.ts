import { msg } from '../msg.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import type { SshKey, Target } from './words.ts';

const text = (title: string, order: number, more: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  title,
  order,
  ...more,
});

/** How a host is reached over SSH. */
export function targetForm(keys: readonly SshKey[], others: readonly Target[]): JsonSchema {
  const jumps = others.filter(({ via }) => via === 'ssh');
  return {
    type: 'object',
    required: ['address', 'user', 'port'],
    properties: {
      address: text(msg('Name or IP address'), 1, { maxLength: 253 }),
      user: text(msg('User'), 2, { default: 'root', maxLength: 64 }),
      port: { type: 'integer', title: msg('Port'), default: 22, minimum: 1, maximum: 65_535, order: 3 },
      keyId: text(msg('Key'), 4, {
        choices: keys.map(({ id, name }) => ({ value: id, title: name })),
        description: msg('Bring its public part to the host with “Push the key”, or by the script.'),
      }),
      name: text(msg('Name in Reeve'), 5, { maxLength: 64, description: msg('Empty: its address.') }),
      ...(jumps.length > 0 && {
        throughId: text(msg('Through'), 6, {
          choices: [
            { value: '', title: msg('directly') },
            ...jumps.map(({ id, name }) => ({ value: id, title: name })),
          ],
        }),
      }),
      elevate: { type: 'boolean', title: msg('Read as root with sudo'), default: false, order: 7 },
      schedule: scheduleField(8),
    },
  };
}

export const scheduleField = (order: number): JsonSchema =>
  text(msg('Each night'), order, {
    default: 'off',
    choices: [
      { value: 'off', title: msg('no audit') },
      { value: 'quick', title: msg('a quick audit') },
      { value: 'full', title: msg('a full audit') },
    ],
  });

/** A key is made where none is given. */
export const keyForm = (): JsonSchema => ({
  type: 'object',
  required: ['name'],
  properties: {
    name: text(msg('Name'), 1, { maxLength: 64, default: 'reeve' }),
    privateKey: text(msg('Private key'), 2, {
      widget: 'lines',
      maxLength: 20_000,
      description: msg(
        'Empty: a new Ed25519 key is made. Else the text of an Ed25519 or RSA key of 4096 bits or more.',
      ),
    }),
    passphrase: text(msg('Its passphrase'), 3, {
      secret: true,
      description: msg('Used once to read the key, and not kept.'),
    }),
  },
});

export const passwordForm = (): JsonSchema => ({
  type: 'object',
  required: ['password'],
  properties: { password: text(msg('Password'), 1, { secret: true }) },
});

export const waiverForm = (): JsonSchema => ({
  type: 'object',
  required: ['reason'],
  properties: {
    reason: text(msg('Why'), 1, { maxLength: 500 }),
    days: text(msg('Until'), 2, {
      default: '90',
      choices: [
        { value: '30', title: msg('in 30 days') },
        { value: '90', title: msg('in 90 days') },
        { value: '365', title: msg('in a year') },
        { value: '', title: msg('for good') },
      ],
    }),
  },
});

/** What is empty is not sent. */
export const filled = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== '' && value !== undefined && value !== null),
  );
