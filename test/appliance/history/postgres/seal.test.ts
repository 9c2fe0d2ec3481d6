import { runOnPostgres } from '../../../helpers/history-place-postgres.ts';

runOnPostgres();
await import('../seal.test.ts');
