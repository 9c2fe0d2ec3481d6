import path from 'node:path';
import { type Appliance, startAppliance } from './main.ts';
import { readOptions } from './options.ts';
import { runUntilStopped } from './run.ts';
import { systemdOver } from './service-beat.ts';

const words = () => readOptions(process.argv.slice(2), process.env);
const print = (text: string) => void process.stdout.write(text);
const { RUNTIME_DIRECTORY: runDir } = process.env;
const folders = { distDir: path.join(import.meta.dirname, '..'), ...(runDir !== undefined && { runDir }) };
const outside = { print, isTerminal: process.stdout.isTTY === true, ...folders };
void runUntilStopped(
  (former: Appliance | undefined, stopping) => startAppliance({ ...words(), ...former?.ports, ...outside, stopping }),
  systemdOver(process.env, () => words().data),
);
