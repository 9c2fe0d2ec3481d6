import { runOnPostgres } from '../../../helpers/history-place-postgres.ts';

runOnPostgres();
await import('../query/query.test.ts');
