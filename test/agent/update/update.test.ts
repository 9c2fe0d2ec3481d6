import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { writeIdentity } from '../../../agent/identity.ts';
import type { SignedOrder, UpdateOrder } from '../../../protocol/updates.ts';
import { releaseKeyFor, testCa } from '../../helpers/certificates.ts';
import { FakeGateway } from '../../helpers/fake-gateway.ts';
import { ROOT } from '../../helpers/root.ts';
import { makeDirectory, removeDirectory, temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

const folder = makeDirectory();
const installed = join(folder, 'agent.cjs');
let text = '';
afterAll(() => removeDirectory(folder));

/** The agent as it is shipped, of which a test makes other versions. */
beforeAll(async () => {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join(ROOT, 'agent/entry.ts')],
    outfile: installed,
    ...{ bundle: true, format: 'cjs', platform: 'node', target: 'node20', logLevel: 'error' },
  });
  text = readFileSync(installed, 'utf8').replaceAll(/VERSION = "[^"]+"/g, 'VERSION = "1.0.0"');
  writeFileSync(installed, text);
}, 60_000);

/** The same agent as another version, with something in front of all it does. */
const versionOf = (version: string, before = ''): Buffer =>
  Buffer.from(before + text.replaceAll('VERSION = "1.0.0"', `VERSION = "${version}"`));

interface Agent {
  hub: FakeGateway;
  stateDir: string;
  said: () => string;
  child: () => ChildProcess;
  /** Starts it again, as the system would. */
  start(env?: Record<string, string>): void;
  version: () => string | undefined;
  choice: () => { current?: { version: string }; trial?: unknown; failed?: { reason: string } };
}

async function agent({
  may = { update_agent: true } as object,
  env = {} as Record<string, string>,
} = {}): Promise<Agent> {
  const hub = new FakeGateway();
  await hub.open();
  onTestFinished(() => hub.close());
  const stateDir = temporaryDirectory();
  writeIdentity(stateDir, hub.identity);
  const ownFile = join(temporaryDirectory(), 'own.json');
  writeFileSync(ownFile, JSON.stringify({ may }), { mode: 0o600 });
  let child: ChildProcess | undefined;
  let said = '';
  const start = (more: Record<string, string> = {}) => {
    const base = {
      PATH: process.env.PATH,
      REEVE_MDNS: 'off',
      REEVE_AGENT_TRIAL: '20s',
      REEVE_MACHINE_ID: 'x'.repeat(32),
    };
    child = spawn(process.execPath, [installed, '--state', stateDir, '--config', ownFile], {
      env: { ...base, ...env, ...more },
      detached: true, // A trial is a child of it: both are ended together.
    });
    const own = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece) => (said += piece));
    onTestFinished(() => {
      try {
        if (own.pid) process.kill(-own.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    });
  };
  start();
  const made: Agent = {
    hub,
    stateDir,
    said: () => said,
    child: () => child as ChildProcess,
    start,
    version: () => hub.sockets.findLast(({ connected }) => connected)?.data.version,
    choice: () => JSON.parse(readFileSync(join(stateDir, 'versions/choice.json'), 'utf8')),
  };
  await until(() => made.version() === '1.0.0', { what: `the agent is connected: ${said}`, timeoutMs: 20_000 });
  return made;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const send = (bytes: Buffer) => (response: ServerResponse) => void response.end(bytes);
let lastIssuedAt = Date.now();

/** An order as an honest appliance makes it, but for what a test wants otherwise. */
function orderFor({ applianceId, agentId }: FakeGateway, bytes: Buffer, rest: Partial<UpdateOrder> = {}): UpdateOrder {
  lastIssuedAt += 1;
  const known = { size: bytes.length, packedSize: bytes.length, sha256: sha256(bytes) };
  const how = { path: '/agent.cjs', packing: 'none', program: 'script', allowOlder: false } as const;
  return { format: 1, applianceId, agentId, issuedAt: lastIssuedAt, version: '2.0.0', ...known, ...how, ...rest };
}

function signed(hub: FakeGateway, order: UpdateOrder): SignedOrder {
  const key = hub.releaseKey;
  if (!key) throw new Error('no release key');
  const said = JSON.stringify(order);
  return { order: said, signature: key.sign(said), releaseKey: key.publicKey, attestation: key.attestation };
}

async function update(of: Agent, bytes: Buffer, rest: Partial<UpdateOrder> = {}) {
  of.hub.files.set('/agent.cjs', send(bytes));
  return of.hub.order(signed(of.hub, orderFor(of.hub, bytes, rest)));
}

const steps = ({ hub }: Agent) => hub.updating.map(({ step }) => step);
const failure = (of: Agent) =>
  until(() => of.hub.updating.find(({ step }) => step === 'failed')?.reason, { what: 'it failed', timeoutMs: 40_000 });
const folders = ({ stateDir }: Agent) =>
  existsSync(join(stateDir, 'versions'))
    ? readdirSync(join(stateDir, 'versions'), { withFileTypes: true }).filter((each) => each.isDirectory()).length
    : 0;

describe('an agent that is told to update itself', { timeout: 90_000 }, () => {
  it('fetches, compares, tests and tries the new version, and keeps it when it connects', async () => {
    const one = await agent();
    expect(one.hub.hellos.at(-1)).toMatchObject({ program: 'script', may: [{ action: 'update_agent' }] });
    expect(await update(one, versionOf('2.0.0'))).toEqual({ ok: true });
    await until(() => one.version() === '2.0.0', { what: `version 2: ${one.said()}`, timeoutMs: 40_000 });
    expect(steps(one)).toEqual(['downloading', 'testing', 'trying']);
    await until(() => one.choice().current?.version === '2.0.0', { what: 'it is kept' });
    one.child().kill('SIGTERM');
    expect(await once(one.child(), 'exit')).toEqual([0, null]);
    // The installed program finds it again, and runs it in its own place.
    one.start();
    await until(() => one.version() === '2.0.0', { what: `version 2 after a start: ${one.said()}`, timeoutMs: 20_000 });
    const children = readFileSync(`/proc/${one.child().pid}/task/${one.child().pid}/children`, 'utf8');
    expect(children.trim()).toBe('');
    expect(folders(one)).toBe(1);
  });

  it('ends to be started anew where a system starts it, and that start runs the new version', async () => {
    const one = await agent({ env: { INVOCATION_ID: 'by-systemd' } });
    await update(one, versionOf('2.0.0'));
    expect(await once(one.child(), 'exit')).toEqual([75, null]);
    expect(one.choice().current?.version).toBe('2.0.0');
    one.start();
    await until(() => one.version() === '2.0.0', { what: `version 2: ${one.said()}`, timeoutMs: 20_000 });
    // From there to a third one, and the second is not left behind.
    await update(one, versionOf('3.0.0'), { version: '3.0.0' });
    expect(await once(one.child(), 'exit')).toEqual([75, null]);
    expect(one.choice().current?.version).toBe('3.0.0');
    expect(folders(one)).toBe(1);
  });

  const onTrial = 'if (process.env.REEVE_AGENT_ROLE === "trial")';
  it.each([
    ['crashes when it is tried', `${onTrial} throw new Error("cannot live");\n`, /ended with 1 before it reached/],
    ['hangs', `${onTrial} for (;;);\n`, /did not reach the appliance within 4 s/],
    [
      'never connects',
      `${onTrial} process.argv.push("--hub", "https://127.0.0.1:1", "--state", "/nonexistent/x");\n`,
      /ended|did not reach/,
    ],
  ])('takes a new version back that %s, goes on as before, and says why', async (_, before, reason) => {
    const one = await agent({ env: { REEVE_AGENT_TRIAL: '4s' } });
    await update(one, versionOf('2.0.0', before));
    await until(() => one.hub.hellos.at(-1)?.failedUpdate, {
      what: `the old one is back: ${one.said()}`,
      timeoutMs: 40_000,
    });
    expect(one.version()).toBe('1.0.0');
    expect(one.hub.hellos.at(-1)?.failedUpdate).toMatchObject({
      version: '2.0.0',
      reason: expect.stringMatching(reason),
    });
    expect(one.choice().trial).toBeUndefined();
    expect(folders(one)).toBe(0);
    const frames = one.hub.frames.length;
    await until(() => one.hub.frames.length > frames, { what: 'it sends as before', timeoutMs: 20_000 });
  });

  it('that ends in the middle of a trial finishes it at the next start, and gives it up after three', async () => {
    const one = await agent();
    await update(one, versionOf('2.0.0', `${onTrial} for (;;);\n`));
    await until(() => one.choice().trial, { what: 'the trial is under way', timeoutMs: 40_000 });
    await until(() => one.version() === undefined, { what: 'the old one is gone' });
    process.kill(-(one.child().pid ?? 0), 'SIGKILL');
    for (const boots of [2, 3]) {
      one.start();
      await until(() => (one.choice().trial as { boots: number }).boots === boots, {
        what: `try ${boots}`,
        timeoutMs: 20_000,
      });
      process.kill(-(one.child().pid ?? 0), 'SIGKILL');
    }
    one.start();
    await until(() => one.version() === '1.0.0', { what: `the old one: ${one.said()}`, timeoutMs: 20_000 });
    expect(one.hub.hellos.at(-1)?.failedUpdate?.reason).toContain('started 3 times');
  });

  it('goes back to the installed program when a version no longer reaches the appliance, or cannot be loaded', async () => {
    const one = await agent({ env: { INVOCATION_ID: 'x' } });
    await update(one, versionOf('2.0.0'));
    await once(one.child(), 'exit');
    const path = join(one.stateDir, 'versions/choice.json');
    const choice = JSON.parse(readFileSync(path, 'utf8'));
    const file = join(one.stateDir, 'versions', choice.current.file);
    // What lies there is no program any more, though as long as it was.
    const good = readFileSync(file);
    writeFileSync(file, Buffer.alloc(good.length, '('), { mode: 0o700 });
    one.start();
    await until(() => one.version() === '1.0.0', { what: `the installed one: ${one.said()}`, timeoutMs: 20_000 });
    expect(one.hub.hellos.at(-1)?.failedUpdate?.reason).toContain('could not be loaded');
    one.child().kill('SIGTERM');
    await once(one.child(), 'exit');
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, good, { mode: 0o700 });
    writeFileSync(path, JSON.stringify({ ...choice, current: { ...choice.current, boots: 5 } }), { mode: 0o600 });
    one.start();
    await until(() => one.version() === '1.0.0', { what: 'the installed one again', timeoutMs: 20_000 });
    expect(one.hub.hellos.at(-1)?.failedUpdate?.reason).toContain('never reached the appliance');
  });

  it('is not led by a file of another account, or one that others may write', async () => {
    const one = await agent({ env: { INVOCATION_ID: 'x' } });
    await update(one, versionOf('2.0.0'));
    await once(one.child(), 'exit');
    const { current } = one.choice() as unknown as { current: { file: string } };
    const { chmodSync } = await import('node:fs');
    chmodSync(join(one.stateDir, 'versions', current.file), 0o777);
    one.start();
    await until(() => one.version() === '1.0.0', { what: 'the installed one', timeoutMs: 20_000 });
  });
});

describe('an agent refuses an order', { timeout: 60_000 }, () => {
  it('that its own file does not allow, whatever the appliance says and signs', async () => {
    const one = await agent({ may: {} });
    const bytes = versionOf('2.0.0');
    const said = await update(one, bytes, { allowOlder: true });
    expect(said).toEqual({ ok: false, reason: 'update_agent is not allowed in this machine’s own file' });
    expect(one.hub.hellos.at(-1)?.may).toEqual([]);
    expect(existsSync(join(one.stateDir, 'versions'))).toBe(false);
  });

  it('that is forged, replayed, older, for another, or makes no sense', async () => {
    const one = await agent();
    const { hub } = one;
    const bytes = versionOf('2.0.0');
    const good = () => orderFor(hub, bytes);
    const stranger = await releaseKeyFor(await testCa(), hub.applianceId);
    const by = (order: UpdateOrder): SignedOrder => {
      const text = JSON.stringify(order);
      return {
        order: text,
        signature: stranger.sign(text),
        releaseKey: stranger.publicKey,
        attestation: stranger.attestation,
      };
    };
    const refused = async (message: SignedOrder | object, reason: RegExp) =>
      expect(await hub.order(message as SignedOrder)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
    await refused(by(good()), /not signed by the release key/);
    await refused({ ...by(good()), attestation: hub.releaseKey?.attestation ?? '' }, /not signed/);
    const changed = signed(hub, good());
    await refused({ ...changed, order: changed.order.replace('2.0.0', '2.0.1') }, /not signed/);
    await refused(signed(hub, { ...good(), agentId: hub.applianceId }), /for another agent/);
    await refused(signed(hub, { ...good(), program: 'linux-x64' }), /this agent is script/);
    await refused(signed(hub, { ...good(), version: '1.0.0' }), /version 1\.0\.0 already/);
    await refused(signed(hub, { ...good(), version: '0.9.0' }), /is not newer/);
    await refused(signed(hub, { ...good(), version: '1.0.0-rc.1' }), /is not newer/);
    await refused(signed(hub, { ...good(), size: 17 * 1024 ** 2 }), /larger than 16 MB/);
    await refused(signed(hub, { ...good(), path: 'https://evil.example/x' }), /cannot be read/);
    await refused(signed(hub, { ...good(), version: '../../etc' }), /cannot be read/);
    await refused({ order: 'x'.repeat(5_000), signature: '', releaseKey: '', attestation: '' }, /cannot be read/);
    await refused({}, /cannot be read/);
    expect(hub.updating).toEqual([]);
    // One that was followed, to whatever end, is good for nothing again.
    const old = signed(hub, good());
    hub.files.set('/agent.cjs', (response) => void response.writeHead(404).end());
    expect(await hub.order(old)).toEqual({ ok: true });
    expect(await failure(one)).toContain('answered 404');
    await refused(old, /not newer than one that was taken/);
    expect(one.version()).toBe('1.0.0');
  });

  it.each([
    [
      'other bytes than were signed',
      (good: Buffer) => send(Buffer.concat([Buffer.from('X'), good.subarray(1)])),
      /SHA-256 is another/,
    ],
    ['more bytes', (good: Buffer) => send(Buffer.concat([good, Buffer.from(' ')])), /larger than the/],
    ['fewer bytes', (good: Buffer) => send(good.subarray(0, good.length - 1)), /were signed/],
    [
      'a line that breaks again and again',
      (good: Buffer) => (response: ServerResponse) => {
        response.setHeader('content-length', good.length);
        response.write(good.subarray(0, 1_000), () => response.destroy());
      },
      /aborted|closed|hang up|reset/i,
    ],
    [
      'an endless answer',
      () => (response: ServerResponse) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        };
        response.on('drain', more);
        more();
      },
      /larger than the/,
    ],
  ])('in the end, when %s come, and nothing of it stays', async (_, served, reason) => {
    const one = await agent();
    const bytes = versionOf('2.0.0');
    one.hub.files.set('/agent.cjs', served(bytes));
    expect(await one.hub.order(signed(one.hub, orderFor(one.hub, bytes)))).toEqual({ ok: true });
    expect(await failure(one)).toMatch(reason);
    expect(one.version()).toBe('1.0.0');
    expect(folders(one)).toBe(0);
  });

  it.each([
    ['says that it is another version', () => versionOf('2.0.1'), /says that it is version 2\.0\.1/],
    ['cannot be loaded', () => Buffer.from('this is no program'), /SyntaxError|Unexpected/],
    [
      'finds nothing fit in its self-test',
      () => versionOf('2.0.0', 'if (process.argv.includes("self-test")) { console.log("hm"); process.exit(0); }\n'),
      /self-test said: hm/,
    ],
  ])('in the end, when the new version %s', async (_, make, reason) => {
    const one = await agent();
    expect(await update(one, make(), { version: '2.0.0' })).toEqual({ ok: true });
    expect(await failure(one)).toMatch(reason);
    expect(one.version()).toBe('1.0.0');
    expect(steps(one)).toEqual(['downloading', 'testing', 'failed']);
  });

  it('unless an admin has said that an older version is meant; then it stays until another is installed', async () => {
    const one = await agent({ env: { INVOCATION_ID: 'x' } });
    expect(await update(one, versionOf('0.9.0'), { version: '0.9.0', allowOlder: true })).toEqual({ ok: true });
    await once(one.child(), 'exit');
    one.start();
    await until(() => one.version() === '0.9.0', { what: `the older one: ${one.said()}`, timeoutMs: 20_000 });
    one.child().kill('SIGTERM');
    await once(one.child(), 'exit');
    rmSync(join(one.stateDir, 'agent.lock'), { force: true });
    const choice = one.choice() as { current: object };
    writeFileSync(
      join(one.stateDir, 'versions/choice.json'),
      JSON.stringify({ ...choice, current: { ...choice.current, over: '0.9.9' } }),
      { mode: 0o600 },
    );
    one.start();
    await until(() => one.version() === '1.0.0', {
      what: 'the installed one, which is newer than what was replaced',
      timeoutMs: 20_000,
    });
  });
});
