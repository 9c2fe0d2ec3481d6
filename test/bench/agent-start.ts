import { writeIdentity } from '../../agent/identity.ts';
import { makeDirectory, removeDirectory } from '../helpers/directories.ts';
import { FakeGateway } from '../helpers/fake-gateway.ts';
import { startProgram } from '../helpers/program.ts';
import { until } from '../helpers/until.ts';

/** From the start of each of these processes to its first hello, ms, so many times; they take turns, so that a busy machine is so for all. */
export async function startsOf(commands: readonly (readonly string[])[], times: number): Promise<number[][]> {
  const gateway = new FakeGateway();
  await gateway.open();
  const stateDir = makeDirectory('reeve-bench-');
  writeIdentity(stateDir, gateway.identity);
  const took: number[][] = commands.map(() => []);
  try {
    for (let turn = 0; turn < times * commands.length; turn++) {
      const index = turn % commands.length;
      const [before, at] = [gateway.hellos.length, performance.now()];
      const agent = startProgram(commands[index] ?? [], { env: { REEVE_AGENT_STATE: stateDir, REEVE_MDNS: 'off' } });
      await until(() => gateway.hellos.length > before, { what: 'the agent connects', everyMs: 2 });
      took[index]?.push(performance.now() - at);
      await agent.kill();
    }
    return took;
  } finally {
    await gateway.close();
    removeDirectory(stateDir);
  }
}
