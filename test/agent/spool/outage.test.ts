import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { writeIdentity } from '../../../agent/identity.ts';
import { spoolFolder, spoolState } from '../../../agent/spool/folder.ts';
import { bundleProgram } from '../../helpers/bundle.ts';
import { FakeGateway } from '../../helpers/fake-gateway.ts';
import { type Program, startProgram } from '../../helpers/program.ts';
import { seeded } from '../../helpers/seeded.ts';
import { makeDirectory, temporaryDirectory } from '../../helpers/temporary.ts';
import { until } from '../../helpers/until.ts';

const PLENTY = 64 * 1024 * 1024;
let program = '';

beforeAll(async () => {
  program = await bundleProgram(join(import.meta.dirname, 'programs/hurried-agent.ts'), makeDirectory());
}, 30_000);

async function openGateway(): Promise<FakeGateway> {
  const hub = new FakeGateway();
  await hub.open();
  onTestFinished(() => hub.close());
  return hub;
}

/** A paired agent's state folder. */
function stateOf(hub: FakeGateway): string {
  const stateDir = temporaryDirectory();
  writeIdentity(stateDir, hub.identity);
  return stateDir;
}

/** A real process, so that it can be killed. */
function startAgent(stateDir: string, spoolBytes = PLENTY): Program {
  const env = { REEVE_AGENT_STATE: stateDir, SPOOL_BYTES: String(spoolBytes) };
  const agent = startProgram([process.execPath, program], { env });
  onTestFinished(() => (agent.isRunning() ? agent.kill() : undefined));
  return agent;
}

const streamsOnDisk = (stateDir: string) =>
  new Set(readdirSync(spoolFolder(stateDir)).flatMap((name) => /^\d+\.([\w-]+)\.\d+\.frames$/.exec(name)?.[1] ?? []));

/** Every stream is without holes and doubles but for its skips, and no value was changed; answers what was skipped and why. */
function judged(hub: FakeGateway): string[] {
  for (const [stream, { frames, highest }] of hub.streams) {
    const skipped = hub.skips.filter((skip) => skip.stream === stream);
    const lost = skipped.flatMap(({ fromSeq, toSeq }) =>
      Array.from({ length: toSeq - fromSeq + 1 }, (_, i) => fromSeq + i),
    );
    const came = frames.map(({ seq }) => seq);
    expect([...came, ...lost].sort((a, b) => a - b)).toEqual(Array.from({ length: highest }, (_, i) => i + 1));
    // After an outage the count goes on in another stream: it grows by one with each frame all the same.
    const [first] = frames;
    const start = first ? Number(hub.named(first).count) - first.seq : 0;
    for (const frame of frames) expect(hub.named(frame).count).toBe(start + frame.seq);
  }
  return hub.skips.map(({ reason }) => reason);
}

/** Everything that is on disk has come, and frames of now come. */
async function everythingIsBack(hub: FakeGateway, stateDir: string): Promise<void> {
  await until(() => spoolState(stateDir).files === 0, { timeoutMs: 40_000, what: 'the spool is empty' });
  const count = hub.frames.length;
  await until(() => hub.frames.length > count + 5, { timeoutMs: 40_000, what: 'frames of now' });
}

const isHeld = (stateDir: string, bytes: number) => spoolState(stateDir).bytes >= bytes;

describe('an agent and its spool', { timeout: 120_000 }, () => {
  it('brings back everything after an outage, and the frames of now do not wait behind it', async () => {
    const hub = await openGateway();
    const stateDir = stateOf(hub);
    startAgent(stateDir);
    await until(() => hub.frames.length > 5, { what: 'frames' });
    await hub.close();
    await until(() => isHeld(stateDir, 16_000), { timeoutMs: 40_000, what: 'a backlog on disk' });
    // What is slow to be safe is a backlog; a frame of now is shown when it comes.
    await hub.open();
    const stream = await until(() => [...hub.streams.keys()][1], { timeoutMs: 40_000, what: 'the stream of now' });
    const now = await until(() => hub.streams.get(stream)?.frames[0], { timeoutMs: 40_000, what: 'its first frame' });
    expect(Date.now() - now.at).toBeLessThan(1_000);
    await everythingIsBack(hub, stateDir);
    expect(judged(hub)).toEqual([]);
    expect(hub.streams.size).toBe(2);
  });

  it('overflows while the appliance is away: the oldest are given up and told, the rest comes', async () => {
    const hub = await openGateway();
    const stateDir = stateOf(hub);
    const spoolBytes = 16_384;
    startAgent(stateDir, spoolBytes);
    await until(() => hub.frames.length > 5, { what: 'frames' });
    await hub.close();
    const oldest = await until(() => readdirSync(spoolFolder(stateDir)).sort()[0], {
      timeoutMs: 40_000,
      what: 'a file',
    });
    await until(() => !readdirSync(spoolFolder(stateDir)).includes(oldest), {
      timeoutMs: 40_000,
      what: 'the oldest file goes',
    });
    expect(spoolState(stateDir).bytes).toBeLessThanOrEqual(spoolBytes);
    await hub.open();
    await everythingIsBack(hub, stateDir);
    expect(new Set(judged(hub))).toEqual(new Set(['overflow']));
  });

  it('survives kill -9 at random moments, with a full spool too: each run brings what earlier ones wrote', async () => {
    const random = seeded(11);
    const hub = await openGateway();
    const stateDir = stateOf(hub);
    await hub.close();
    for (let run = 0; run < 6; run++) {
      const agent = startAgent(stateDir, 40_000);
      const bytes = 2_000 + random() * (run < 4 ? 8_000 : 30_000);
      await until(() => isHeld(stateDir, Math.min(bytes * (run + 1), 34_000)), {
        timeoutMs: 40_000,
        what: `run ${run} writes`,
      });
      await agent.kill();
    }
    const left = streamsOnDisk(stateDir);
    expect(left.size).toBeGreaterThan(1);
    await hub.open();
    startAgent(stateDir, 40_000);
    await everythingIsBack(hub, stateDir);
    for (const stream of left) expect(hub.streams.get(stream)?.highest).toBeGreaterThan(0);
    expect(judged(hub).filter((reason) => reason !== 'overflow')).toEqual([]);
  });

  it('was set back to yesterday’s backup: nothing comes twice, and the frames of now come', async () => {
    const hub = await openGateway();
    const stateDir = stateOf(hub);
    await hub.close();
    const agent = startAgent(stateDir);
    await until(() => isHeld(stateDir, 5_000), { timeoutMs: 40_000, what: 'a backlog on disk' });
    await agent.kill();
    const backup = join(temporaryDirectory(), 'backup');
    cpSync(stateDir, backup, { recursive: true });
    await hub.open();
    const second = startAgent(stateDir);
    await everythingIsBack(hub, stateDir);
    await second.stop();
    const [yesterday = ''] = streamsOnDisk(backup);
    const before = hub.streams.get(yesterday)?.frames.length;

    rmSync(stateDir, { recursive: true });
    cpSync(backup, stateDir, { recursive: true });
    const streams = hub.streams.size;
    startAgent(stateDir);
    await until(() => hub.streams.size > streams, { timeoutMs: 40_000, what: 'a stream of its own' });
    await everythingIsBack(hub, stateDir);
    expect(hub.streams.get(yesterday)?.frames.length).toBe(before);
    expect(judged(hub)).toEqual([]);
  });

  it('finds its files cut, flipped and foreign: it delivers what is whole, names the rest, and goes on', async () => {
    const random = seeded(12);
    const hub = await openGateway();
    const stateDir = stateOf(hub);
    await hub.close();
    const agent = startAgent(stateDir, 24_000);
    await until(() => isHeld(stateDir, 12_000), { timeoutMs: 40_000, what: 'a backlog on disk' });
    await agent.kill();
    const dir = spoolFolder(stateDir);
    const files = readdirSync(dir).sort();
    for (const name of files.slice(1)) {
      const bytes = readFileSync(join(dir, name));
      for (let flip = 0; flip < 3; flip++) {
        const at = Math.floor(random() * bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      }
      writeFileSync(join(dir, name), name === files.at(-1) ? bytes.subarray(0, bytes.length - 7) : bytes);
    }
    writeFileSync(join(dir, '9999999999.hostile-stream.1.frames'), Buffer.alloc(100_000, 0xff));
    writeFileSync(join(dir, '../../outside.frames'.replaceAll('/', '_')), 'x');
    await hub.open();
    const again = startAgent(stateDir, 24_000);
    await everythingIsBack(hub, stateDir);
    const reasons = judged(hub);
    expect(reasons.length).toBeGreaterThan(0);
    expect(new Set(reasons)).toEqual(new Set(['damaged']));
    expect(again.output()).toContain('a file in the spool folder is not ours');
  });
});
