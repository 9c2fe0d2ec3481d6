import { access } from './access.ts';
import { backup } from './backup.ts';
import { connection } from './connection.ts';
import { general } from './general.ts';
import { history } from './history.ts';
import { notifications } from './notifications.ts';
import { signIn } from './sign-in.ts';
import { update } from './update.ts';

/** Every section of settings, in the order of the Settings page. */
export const sections = [general, notifications, access, signIn, connection, history, backup, update] as const;
