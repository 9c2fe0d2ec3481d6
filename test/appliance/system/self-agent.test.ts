import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openLog } from '../../../appliance/log.ts';
import { SelfAgent } from '../../../appliance/system/self-agent.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

function selfAgent(source: string) {
  const dir = temporaryDirectory();
  const script = path.join(dir, 'agent.cjs');
  writeFileSync(script, source);
  const lines: string[] = [];
  const log = openLog({
    level: 'info',
    isTerminal: false,
    destination: { write: (line: string) => void lines.push(line) },
  });
  let issued = 0;
  const agent = new SelfAgent({
    script,
    stateDir: path.join(dir, 'state'),
    hub: 'https://127.0.0.1:1',
    log,
    issueToken: async () => `RV-${++issued}`,
  });
  return { agent, said: () => lines.join(''), issued: () => issued };
}

const WAITS = "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);";

test('the child reads its token from standard input and sees nothing of the appliance’s environment', async () => {
  process.env.CANARY_OF_A_TEST = 'canary';
  const { agent, said } = selfAgent(`
    process.stdin.once('data', (line) => console.log('token ' + line.toString().trim() + ' argv ' + process.argv.slice(2).join(' ')));
    console.log('env ' + Object.keys(process.env).sort().join(','));
    ${WAITS}`);
  await agent.start();
  await until(() => said().includes('token RV-1 argv --token - --hub https://127.0.0.1:1 --child'));
  expect(said()).not.toContain('CANARY_OF_A_TEST');
  expect(said()).toContain('REEVE_AGENT_STATE');
  await agent.stop();
  delete process.env.CANARY_OF_A_TEST;
});

test('a child that ends is started again with a fresh token', async () => {
  const { agent, issued } = selfAgent('process.exit(3)');
  await agent.start();
  await until(() => issued() === 2, { timeoutMs: 8_000 });
  await agent.stop();
});

test('the child has ended when stop resolves, even one that does not listen to SIGTERM', async () => {
  const { agent, said } = selfAgent(
    "process.on('SIGTERM', () => console.log('no')); console.log('pid ' + process.pid); setInterval(() => {}, 1000);",
  );
  await agent.start();
  const [, pid] = await until(() => /pid (\d+)/.exec(said()));
  await agent.stop();
  expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  await agent.start();
  expect(said().match(/pid/g)).toHaveLength(1);
});
