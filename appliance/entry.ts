import path from 'node:path';
import { type Appliance, startAppliance } from './main.ts';
import { readOptions } from './options.ts';
import { runUntilStopped } from './run.ts';
import { systemdOver } from './service-beat.ts';

const words = () => readOptions(process.argv.slice(2), process.env);
const print = (text: string) => void process.stdout.write(text);
const { RUNTIME_DIRECTORY: runDir } = process.env;
const outside = { print, isTerminal: process.stdout.isTTY === true, ...(runDir !== undefined && { runDir }) };
const folders = { distDir: path.join(import.meta.dirname, '..') };
void runUntilStopped(
  (former: Appliance | undefined) => startAppliance({ ...words(), ...former?.ports, ...folders, ...outside }),
  systemdOver(process.env, () => words().data),
);
