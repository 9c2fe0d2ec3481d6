import { runOnPostgres } from '../../../helpers/history-place-postgres.ts';

runOnPostgres();
await import('../tiers.test.ts');
