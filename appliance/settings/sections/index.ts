import { general } from './general.ts';
import { history } from './history.ts';

/** Every section of settings, in the order of the Settings page. */
export const sections = [general, history] as const;
