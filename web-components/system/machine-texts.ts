import { msg } from '../msg.ts';
import type { ResponseOf } from '../rest.ts';

export type Machine = ResponseOf<'GET /api/v1/machine'>;
export type Image = NonNullable<Machine['image']>;

/** While an update is installed, no other is taken. */
export const isBusy = ({ update, pending }: Machine): boolean =>
  pending.includes('update') || (update !== null && update.state !== 'idle' && update.state !== 'refused');

export const boardText = (board: Image['board']): string =>
  ({ vm: msg('virtual machine'), pi: msg('Raspberry Pi') })[board];

export const otherText = (state: Image['other']['state']): string =>
  ({ good: msg('good'), bad: msg('did not become healthy'), empty: msg('empty'), trying: msg('being tried') })[state];

export const orderText = (order: Machine['pending'][number]): string =>
  ({
    update: msg('update'),
    hostname: msg('host name'),
    'factory-reset': msg('factory reset'),
    restart: msg('restart'),
    'power-off': msg('switching off'),
  })[order];

/** Which hosts without Node can be given an agent, and what to bring for the others: an image of the version that runs is not taken again. */
export function programsText({ version, board }: Pick<Image, 'version' | 'board'>, programs: string[] | undefined) {
  if (!programs) return '–';
  if (programs.length === 0)
    return msg('none yet: they are unpacked in the minutes after a start, where the disk has 330 MB free');
  const names = programs.join(', ');
  if (programs.some((name) => name.startsWith('win32'))) return names;
  return msg('{names}; for others bring reeve-{version}-{board}-executables.update by Update from a file', {
    ...{ names, version, board },
  });
}

/**
 * The name that another machine on the LAN has already, so that this one's responder has numbered it; nothing where it has not. A name
 * that is merely another one is that from before the host name was changed, until the responder has told the new one.
 */
export const takenName = (localName: string, hostName: string | undefined): string | undefined =>
  hostName !== undefined && /^(.+)-\d+\.local$/.exec(localName)?.[1] === hostName ? `${hostName}.local` : undefined;
