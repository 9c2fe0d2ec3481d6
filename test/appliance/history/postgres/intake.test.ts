import { runOnPostgres } from '../../../helpers/history-place-postgres.ts';

runOnPostgres();
await import('../intake.test.ts');
