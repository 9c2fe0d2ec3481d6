import { msg } from '../msg.ts';
import type { AnswerItem } from '../paging.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import type { ResponseOf } from '../rest.ts';

export type Install = ResponseOf<'GET /api/v1/installs/:installId'>;
type SshKey = AnswerItem<'GET /api/v1/audit-keys'>;

/** Whom the installation signs in as, and with what; an empty key stands for a password. */
export const wayForm = (keys: readonly SshKey[]): JsonSchema => ({
  type: 'object',
  required: ['user', 'port'],
  properties: {
    user: { type: 'string', title: msg('User'), order: 1, maxLength: 64 },
    keyId: {
      type: 'string',
      title: msg('Signs in with'),
      order: 2,
      choices: [
        { value: '', title: msg('a password that you type') },
        ...keys.map(({ id, name }) => ({ value: id, title: msg('the SSH key {name}', { name }) })),
      ],
    },
    sudoAsks: {
      type: 'boolean',
      title: msg('sudo asks this user for a password'),
      description: msg('root needs no sudo.'),
      order: 3,
    },
    port: { type: 'integer', title: msg('Port'), minimum: 1, maximum: 65_535, order: 4 },
  },
});

/** The passwords that a run needs: none, one or two. */
export function secretsForm({
  signsIn,
  sudoAsks,
  user,
}: {
  signsIn: boolean;
  sudoAsks: boolean;
  user: string;
}): JsonSchema {
  const secret = { type: 'string', secret: true, maxLength: 1_000 } as const;
  const forSudo = {
    ...{ ...secret, title: msg('Password for sudo'), order: 2 },
    ...(signsIn && { description: msg('Empty: the same password.') }),
  };
  return {
    type: 'object',
    required: [...(signsIn ? ['password'] : []), ...(sudoAsks && !signsIn ? ['sudoPassword'] : [])],
    properties: {
      ...(signsIn && { password: { ...secret, title: msg('Password of {user}', { user }), order: 1 } }),
      ...(sudoAsks && { sudoPassword: forSudo }),
    },
  };
}

const STEPS: readonly Install['state'][] = ['connecting', 'looking', 'installing', 'waiting'];

/** How far a run is: a step of how many, and what it does; undefined while none runs. */
export function stepOf({ state, address }: Install): { step: number; of: number; text: string } | undefined {
  const step = STEPS.indexOf(state) + 1;
  if (step === 0) return undefined;
  const texts: { [state in Install['state']]?: string } = {
    connecting: msg('Signing in to {address}', { address }),
    looking: msg('Looking whether it has what is needed; nothing is changed yet'),
    installing: msg('The command runs'),
    waiting: msg('Waiting for its agent'),
  };
  return { step, of: STEPS.length, text: texts[state] ?? '' };
}
