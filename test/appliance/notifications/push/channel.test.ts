import { expect, test } from 'vitest';
import { push } from '../../../../appliance/notifications/channels/push.ts';
import { startFarEnd } from '../../../helpers/far-end.ts';
import { serverOffline } from '../../../helpers/messages.ts';
import { deskWith, TestBrowser } from '../../../helpers/push-browser.ts';

const signal = (): AbortSignal => AbortSignal.timeout(5_000);

async function bench(count = 2) {
  const ends = await Promise.all(Array.from({ length: count }, (_, n) => startFarEnd({ name: `CA ${n}` })));
  const browser = await TestBrowser.make();
  const { p256dh, auth } = browser;
  const desk = deskWith(ends.map(({ url }, n) => ({ id: `b${n}`, endpoint: `${url}/w`, p256dh, auth })));
  const open = (rest: object) =>
    push.open(push.settings.parse({ contact: 'ann@example.org', services: ['localhost'], ...rest }), {
      now: () => 0,
      browsers: desk,
    });
  return { ends, browser, desk, open, channel: open(count > 0 ? { ca: ends.map(({ ca }) => ca).join('\n') } : {}) };
}

test('the page of the alert is named by its path only, and all of one alert have one tag', async () => {
  const { ends, browser, channel } = await bench(1);
  await channel.send(serverOffline, signal());
  await channel.send({ ...serverOffline, id: 'alert-1.resolved', state: 'resolved' }, signal());
  await channel.send({ ...serverOffline, id: 'alert-2.firing' }, signal());
  const [fired, resolved, other] = await Promise.all(ends[0]?.arrived.map(({ bytes }) => browser.read(bytes)) ?? []);
  expect(fired).toMatchObject({ path: '/alerts/0193', title: 'Critical: nas01 is offline', severity: 'critical' });
  expect(resolved).toMatchObject({ state: 'resolved', tag: fired?.tag });
  expect(other?.tag).not.toBe(fired?.tag);
  expect(ends[0]?.arrived[0]?.headers).toMatchObject({ urgency: 'high', ttl: '86400', topic: fired?.tag });
});

test.each(['gone', 'unknown'] as const)(
  'a browser that the push service no longer knows (it answers %s) is removed, the other is told',
  async (manner) => {
    const { ends, desk, channel } = await bench();
    Object.assign(ends[0] ?? {}, { manner });
    expect((await channel.send(serverOffline, signal())).answer).toBe('1 of 2 browsers: 200 ok');
    expect(desk.browsers.map(({ id }) => id)).toEqual(['b1']);
  },
);

test('when one push service is away, the next try goes only to the browser that has not got it', async () => {
  const { ends, channel } = await bench();
  Object.assign(ends[0] ?? {}, { manner: 'broken' });
  await expect(channel.send(serverOffline, signal())).rejects.toMatchObject({ mayRetry: true });
  Object.assign(ends[0] ?? {}, { manner: 'takes' });
  await channel.send(serverOffline, signal());
  expect(ends.map(({ arrived }) => arrived.length)).toEqual([2, 1]);
});

test('nobody who asked for it is a failure that names the cure, and nothing is tried again', async () => {
  const { channel } = await bench(0);
  await expect(channel.send(serverOffline, signal())).rejects.toMatchObject({
    mayRetry: false,
    message: expect.stringContaining('see Account'),
  });
});

test('an address that is no push service is never written to', async () => {
  const { ends, open } = await bench(1);
  await expect(open({ services: [], ca: ends[0]?.ca }).send(serverOffline, signal())).rejects.toThrow(
    'not one that is known',
  );
  expect(ends[0]?.arrived).toEqual([]);
});
