import { runOnPostgres } from '../../../../helpers/history-place-postgres.ts';

runOnPostgres();
await import('../../disk-trouble.test.ts');
