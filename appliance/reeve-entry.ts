import { runReeve } from './reeve.ts';

void runReeve(process.argv.slice(2), process.env).then((code) => {
  process.exitCode = code;
});
