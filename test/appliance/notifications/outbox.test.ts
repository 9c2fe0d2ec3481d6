import { expect, onTestFinished, test } from 'vitest';
import { nextTryAt } from '../../../appliance/notifications/backoff.ts';
import { ChannelError } from '../../../appliance/notifications/channel.ts';
import type { OutboxEntry } from '../../../appliance/notifications/entries.ts';
import { Outbox } from '../../../appliance/notifications/outbox.ts';
import type { DocumentStore } from '../../../appliance/store/documents.ts';
import { openDocumentStore } from '../../../appliance/store/nedb/documents.ts';
import { makeDirectory } from '../../helpers/directories.ts';
import { remediationDone, serverOffline } from '../../helpers/messages.ts';
import { keepingLog } from '../../helpers/silent-log.ts';
import { until } from '../../helpers/until.ts';

const SITE = 'site-1';
const MINUTE_MS = 60_000;

interface Bench {
  outbox: Outbox;
  /** Message ids by channel, in the order in which the far end saw them. */
  arrived: string[];
  ended: OutboxEntry[];
  /** Sends everything that is due, until nothing more is. */
  settle(): Promise<void>;
}

/** An outbox on real files with a clock that is a number; `farEnd` fails by throwing. */
async function bench(
  clock: { now: number },
  farEnd: (channelId: string) => Promise<void> | void,
  dir = makeDirectory(),
): Promise<Bench & { dir: string; documents: DocumentStore }> {
  const documents = await openDocumentStore({ dir, log: keepingLog() });
  onTestFinished(() => documents.close().catch(() => undefined));
  const arrived: string[] = [];
  const ended: OutboxEntry[] = [];
  const outbox = await Outbox.open({
    documents,
    now: () => clock.now,
    log: keepingLog() as never,
    deliver: async (entries) => {
      const [{ channelId } = { channelId: '' }] = entries;
      await farEnd(channelId);
      arrived.push(`${channelId}: ${entries.map(({ message }) => message.id).join(' + ')}`);
      return { answer: 'ok' };
    },
    onEnd: (entry) => void ended.push(entry),
  });
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 20; round++) {
      outbox.work();
      await outbox.settled();
    }
  };
  return { outbox, arrived, ended, settle, dir, documents };
}

const away = new ChannelError('The far end does not answer', { mayRetry: true });

test('a message goes to each of its channels once, however often it is put in', async () => {
  const { outbox, arrived, settle } = await bench({ now: 1_000 }, () => undefined);
  await outbox.add(SITE, serverOffline, { channelIds: ['slack', 'mail'] });
  await outbox.add(SITE, serverOffline, { channelIds: ['mail', 'slack'] });
  await settle();
  await outbox.add(SITE, serverOffline, { channelIds: ['mail'] });
  await settle();
  expect(arrived.sort()).toEqual(['mail: alert-1.firing', 'slack: alert-1.firing']);
  expect(outbox.waiting).toBe(0);
});

test('a channel that is down for ten minutes delivers once', async () => {
  const clock = { now: 0 };
  const { outbox, arrived, ended, settle } = await bench(clock, () => {
    if (clock.now < 10 * MINUTE_MS) throw away;
  });
  await outbox.add(SITE, serverOffline, { channelIds: ['slack'] });
  for (; clock.now <= 20 * MINUTE_MS; clock.now += 1_000) {
    outbox.work();
    await outbox.settled();
  }
  expect(arrived).toEqual(['slack: alert-1.firing']);
  expect(ended).toMatchObject([{ state: 'sent', answer: 'ok' }]);
  expect(ended[0]?.endedAt).toBeLessThanOrEqual(19 * MINUTE_MS);
  await settle();
});

test('a dead channel holds no other one up, and messages of one channel keep their order', async () => {
  const clock = { now: 0 };
  let isDead = true;
  const { outbox, arrived, settle } = await bench(clock, (channelId) => {
    if (channelId === 'dead' && isDead) throw away;
  });
  await outbox.add(SITE, serverOffline, { channelIds: ['dead', 'mail'] });
  clock.now += 1;
  await outbox.add(SITE, remediationDone, { channelIds: ['dead', 'mail'] });
  await settle();
  expect(arrived).toEqual(['mail: alert-1.firing', 'mail: action-7.completed']);
  expect(outbox.waiting).toBe(2);
  isDead = false;
  clock.now += MINUTE_MS;
  await settle();
  expect(arrived.slice(2)).toEqual(['dead: alert-1.firing', 'dead: action-7.completed']);
});

test('a refusal that does not pass is given up at once and says why; one that passes after a day', async () => {
  const clock = { now: 0 };
  const refused = await bench(clock, () => {
    throw new ChannelError('Slack answered 403: invalid_token', { mayRetry: false });
  });
  await refused.outbox.add(SITE, serverOffline, { channelIds: ['slack'] });
  await refused.settle();
  expect(refused.ended).toMatchObject([{ state: 'given-up', tries: 1, error: 'Slack answered 403: invalid_token' }]);

  const gone = await bench(clock, () => {
    throw away;
  });
  await gone.outbox.add(SITE, serverOffline, { channelIds: ['slack'] });
  for (; clock.now < 25 * 60 * MINUTE_MS; clock.now += MINUTE_MS) {
    gone.outbox.work();
    await gone.outbox.settled();
  }
  expect(gone.ended).toMatchObject([{ state: 'given-up', error: 'The far end does not answer' }]);
  expect(gone.ended[0]?.tries).toBeLessThan(60);
});

test('what waits survives a restart, and what was being sent is sent again under the same id', async () => {
  const clock = { now: 0 };
  let isHanging = true;
  const first = await bench(clock, () => (isHanging ? new Promise<void>(() => undefined) : undefined));
  await first.outbox.add(SITE, serverOffline, { channelIds: ['slack', 'mail'] });
  first.outbox.work();
  await until(async () => (await first.outbox.list(SITE)).every(({ state }) => state === 'sending'), {
    what: 'both are being sent',
  });
  await first.documents.close(); // Without a word to the outbox, as a power cut would.
  isHanging = false;
  const second = await bench(clock, () => undefined, first.dir);
  await second.settle();
  expect(second.arrived.sort()).toEqual(['mail: alert-1.firing', 'slack: alert-1.firing']);
});

test('a far end that asks to wait is left alone that long', () => {
  expect(nextTryAt(1_000, 1)).toBe(11_000);
  expect(nextTryAt(1_000, 1, 50_000)).toBe(51_000);
  expect(nextTryAt(0, 99)).toBe(30 * MINUTE_MS);
});

test('what ended long ago is forgotten, what waits is not', async () => {
  const clock = { now: 0 };
  const { outbox, settle } = await bench(clock, (channelId) => {
    if (channelId === 'dead') throw away;
  });
  await outbox.add(SITE, serverOffline, { channelIds: ['dead', 'mail'] });
  await settle();
  expect(await outbox.prune(1_000_000)).toBe(1);
  expect((await outbox.list(SITE)).map(({ channelId }) => channelId)).toEqual(['dead']);
});

test('what is gathered goes out as one message at its time, and holds nothing urgent up', async () => {
  const clock = { now: 0 };
  const { outbox, arrived, settle } = await bench(clock, () => undefined);
  await outbox.add(SITE, remediationDone, { channelIds: ['mail'], gatherAt: 8 * MINUTE_MS });
  await outbox.add(SITE, serverOffline, { channelIds: ['mail'] });
  await settle();
  expect(arrived).toEqual(['mail: alert-1.firing']);
  clock.now = MINUTE_MS;
  await outbox.add(
    SITE,
    { ...remediationDone, id: 'action-8.completed' },
    { channelIds: ['mail'], gatherAt: 8 * MINUTE_MS },
  );
  clock.now = 8 * MINUTE_MS;
  await settle();
  expect(arrived.slice(1)).toEqual(['mail: action-7.completed + action-8.completed']);
});
