import { ensureBuilt } from '../../image/prepare.mjs';

/** Before tests of the built programs: builds them when sources changed, so that they are never tests of yesterday's build. */
export const setup = ensureBuilt;
