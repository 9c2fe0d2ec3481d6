import { nedbPlace } from '../../../helpers/history-place.ts';
import { temporaryDirectory } from '../../../helpers/temporary.ts';
import { engineContract } from '../engine-contract.ts';

engineContract(() => nedbPlace(temporaryDirectory()));
