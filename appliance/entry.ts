import path from 'node:path';
import { type Appliance, startAppliance } from './main.ts';
import { readOptions } from './options.ts';
import { runUntilStopped } from './run.ts';

await runUntilStopped((former: Appliance | undefined) =>
  startAppliance({
    ...readOptions(process.argv.slice(2), process.env),
    ...former?.ports,
    distDir: path.join(import.meta.dirname, '..'),
    isTerminal: process.stdout.isTTY === true,
    print: (text) => void process.stdout.write(text),
  }),
);
