import { buildExecutables } from '../../../image/executables/build.mjs';

/** Before tests of executables: the one for the machine that CI runs on, of the sources as they are. */
export const setup = () => buildExecutables(['linux-x64']);
