import { runReeve } from './reeve.ts';

process.exitCode = await runReeve(process.argv.slice(2), process.env);
