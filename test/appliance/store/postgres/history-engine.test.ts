import { postgresPlace } from '../../../helpers/history-place-postgres.ts';
import { usePostgres } from '../../../helpers/postgres.ts';
import { engineContract } from '../engine-contract.ts';

const server = usePostgres({ settings: { fsync: 'off', max_connections: '300' } });

engineContract(() => postgresPlace(server));
