import { runOnPostgres } from '../../../../helpers/history-place-postgres.ts';

runOnPostgres();
await import('../../chaos/tiers.test.ts');
