import { runOnPostgres } from '../../../helpers/history-place-postgres.ts';

runOnPostgres();
await import('../history.test.ts');
