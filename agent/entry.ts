import { runAgent } from './command.ts';

void runAgent(process.argv.slice(2), process.env);
