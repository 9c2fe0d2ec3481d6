import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../image/prepare.mjs';

/** Command lines of the tools that are installed with the packages; no `npx`, which asks the registry about what it does not find. */
const tool = (path) => join(ROOT, 'node_modules', path);
export const TOOLS = {
  biome: [process.execPath, tool('@biomejs/biome/bin/biome')],
  tsc: [process.execPath, tool('typescript/bin/tsc')],
  vitest: [process.execPath, tool('vitest/vitest.mjs')],
};

/**
 * Runs a command to its end and answers with its code, output and time; never throws. With `live` the output is also shown as it
 * comes. A command that cannot be started has code 127; one that is ended by a signal, or by `timeoutMs`, has code 124.
 */
export function runCommand([program, ...parameters], { live = false, env = {}, timeoutMs = 0, cwd = ROOT } = {}) {
  const startedAt = performance.now();
  return new Promise((done) => {
    const child = spawn(program, parameters, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGTERM',
    });
    let output = '';
    const take = (target) => (chunk) => {
      output += chunk;
      if (live) target.write(chunk);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
    const end = (code) => done({ code, output, ms: Math.round(performance.now() - startedAt) });
    child.on('error', (error) => {
      output += `${error.message}\n`;
      end(127);
    });
    child.on('close', (code) => end(code ?? 124));
  });
}
