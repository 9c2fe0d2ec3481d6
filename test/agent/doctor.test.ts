import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { uptime } from '../../agent/collectors/uptime.ts';
import { examine } from '../../agent/doctor.ts';
import { writeIdentity } from '../../agent/identity.ts';
import { readOptions } from '../../agent/options.ts';
import { lockState } from '../../agent/state-lock.ts';
import { FakeGateway } from '../helpers/fake-gateway.ts';
import { temporaryDirectory } from '../helpers/temporary.ts';

const examined = (stateDir: string, ...flags: string[]) =>
  examine(readOptions(['doctor', '--state', stateDir, ...flags], {}), [uptime]);

async function gateway(): Promise<FakeGateway> {
  const hub = new FakeGateway();
  await hub.open();
  onTestFinished(() => hub.close());
  return hub;
}

describe('the doctor', { timeout: 60_000 }, () => {
  it('says of each collector whether it reads here', async () => {
    const said = await examine(readOptions(['doctor', '--state', temporaryDirectory()], {}));
    expect(said).toMatch(/Processor +read, \d+ values/);
    expect(said).toMatch(/Memory +read, \d+ values/);
    expect(said).not.toContain('FAILS');
  });

  it('tells an unpaired machine what to do', async () => {
    expect(await examined(temporaryDirectory())).toMatch(/paired +no: in the dashboard choose "Add host"/);
  });

  it('names the process that uses the state folder', async () => {
    const stateDir = temporaryDirectory();
    onTestFinished(lockState(stateDir));
    expect(await examined(stateDir)).toContain(`running       yes, process ${process.pid}`);
  });

  it('says that an identity is damaged instead of ending with a stack', async () => {
    const stateDir = temporaryDirectory();
    writeIdentity(stateDir, (await gateway()).identity);
    writeFileSync(join(stateDir, 'agent.json'), '{"applianceId":');
    const said = await examined(stateDir);
    expect(said).toMatch(/paired +.*agent\.json/);
    expect(said).not.toMatch(/\n\s+at /);
  });

  it('reaches the paired appliance, also where --hub points, and opens no session', async () => {
    const hub = await gateway();
    const stateDir = temporaryDirectory();
    writeIdentity(stateDir, hub.identity);
    const said = await examined(stateDir, '--hub', hub.url);
    expect(said.match(/reached {7}/g)).toHaveLength(1);
    expect(said).toContain(`reached       ${hub.url}`);
    expect(said).toContain('its clock     as here');
    expect(hub.sessions).toBe(0);
  });

  it('does not take another appliance for the paired one', async () => {
    const [hub, other] = [await gateway(), await gateway()];
    const stateDir = temporaryDirectory();
    writeIdentity(stateDir, { ...hub.identity, urls: [other.url] });
    expect(await examined(stateDir)).toContain(`NOT reached   ${other.url}`);
  });

  it('says which address nobody answers at', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const url = `https://127.0.0.1:${(closed.address() as AddressInfo).port}`;
    await new Promise((resolve) => closed.close(resolve));
    const stateDir = temporaryDirectory();
    writeIdentity(stateDir, { ...(await gateway()).identity, urls: [url] });
    expect(await examined(stateDir)).toMatch(new RegExp(`NOT reached   ${url}: .*ECONNREFUSED`));
  });
});
