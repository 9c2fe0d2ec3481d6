import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Channel, ChannelDeps } from '../../../appliance/notifications/channel.ts';
import { ChannelError } from '../../../appliance/notifications/channel.ts';
import { channels } from '../../../appliance/notifications/channels/index.ts';
import { type Arrived, type FarEnd, startFarEnd } from '../../helpers/far-end.ts';
import { everyMessage, hostile, serverOffline } from '../../helpers/messages.ts';
import { deskWith, TestBrowser } from '../../helpers/push-browser.ts';
import { checkSlackPayload } from '../../helpers/slack.ts';

const NOW = Date.UTC(2026, 10, 21, 13, 32, 6);
const SECRET = 'canary-5f2c';

/** What each channel over HTTP needs to reach a far end of ours; every secret of it holds the canary. */
const settingsOf: Record<string, (farEnd: FarEnd) => Record<string, unknown>> = {
  slack: ({ url }) => ({ url: `${url}/services/T0/B0/${SECRET}`, allowPlain: true }),
  webhook: ({ url, ca }) => ({
    ...{ url: `${url}/hook?key=${SECRET}`, signingKey: SECRET, authorization: `Bearer ${SECRET}`, ca },
  }),
  ntfy: ({ url, ca }) => ({ server: url, topic: 'reeve', token: SECRET, ca }),
  pushover: ({ url, ca }) => ({ server: url, token: SECRET, user: SECRET, ca }),
  push: ({ ca }) => ({ contact: 'admin@example.org', services: ['localhost'], ca }),
};
let browser: TestBrowser;
beforeAll(async () => {
  browser = await TestBrowser.make();
});
/** Slack has no CA of its own to give, so that its far end is reached plainly. */
const isPlain = (id: string): boolean => id === 'slack';

async function opened(id: string): Promise<{ channel: Channel; farEnd: FarEnd }> {
  const farEnd = await startFarEnd({ plain: isPlain(id) });
  return { channel: open(id, settingsOf[id]?.(farEnd) ?? {}, depsOf(farEnd)), farEnd };
}

/** The far end holds the address of one browser, which is a secret too. */
function depsOf({ url }: Pick<FarEnd, 'url'> = { url: 'https://localhost' }): ChannelDeps {
  const { p256dh, auth } = browser;
  return { now: () => NOW, browsers: deskWith([{ id: 'b1', endpoint: `${url}/wp/${SECRET}`, p256dh, auth }]) };
}

function open(id: string, given: Record<string, unknown>, deps = depsOf()): Channel {
  const plugin = channels.find((each) => each.id === id);
  if (!plugin) throw new Error(`no channel ${id}`);
  return plugin.open(plugin.settings.parse(given), deps);
}

const send = (channel: Channel, message = serverOffline, timeoutMs = 5_000) =>
  channel.send(message, AbortSignal.timeout(timeoutMs));

async function failureOf(work: Promise<unknown>): Promise<ChannelError> {
  const error = await work.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  expect(error).toBeInstanceOf(ChannelError);
  return error as ChannelError;
}

/** What arrived, as whoever it is for reads it. */
async function textOf(id: string, arrived: Arrived | undefined): Promise<string> {
  if (!arrived) return '';
  if (id === 'push') return JSON.stringify(await browser.read(arrived.bytes));
  return decodeURIComponent(arrived.body.replaceAll('+', ' '));
}

describe.each(Object.keys(settingsOf))('the channel %s', (id) => {
  test('hands a message over once and gives the far end’s answer', async () => {
    const { channel, farEnd } = await opened(id);
    const { answer } = await send(channel);
    expect(answer).toContain('ok');
    expect(farEnd.arrived).toHaveLength(1);
    expect(await textOf(id, farEnd.arrived[0])).toContain('nas01 is offline');
  });

  test('says what the far end refused, and that trying again is of no use', async () => {
    const { channel, farEnd } = await opened(id);
    farEnd.manner = 'refuses';
    const error = await failureOf(send(channel));
    expect(error.message).toContain('403: invalid_token');
    expect(error.mayRetry).toBe(false);
    expect(farEnd.arrived).toHaveLength(1);
  });

  test('asks for a later try when the far end is busy or broken', async () => {
    const { channel, farEnd } = await opened(id);
    farEnd.manner = 'busy';
    expect(await failureOf(send(channel))).toMatchObject({ mayRetry: true, retryAfterMs: 7_000 });
    farEnd.manner = 'broken';
    expect(await failureOf(send(channel))).toMatchObject({ mayRetry: true });
  });

  test('gives up in time when the far end never answers', async () => {
    const { channel, farEnd } = await opened(id);
    farEnd.manner = 'hangs';
    const error = await failureOf(send(channel, serverOffline, 300));
    expect(error.message).toMatch(/in time/);
    expect(error.mayRetry).toBe(true);
  });

  test('reads only the beginning of an answer without end', async () => {
    const { channel, farEnd } = await opened(id);
    farEnd.manner = 'endless';
    expect((await send(channel)).answer.length).toBeLessThanOrEqual(300);
  });

  test('does not follow the far end elsewhere', async () => {
    const { channel, farEnd } = await opened(id);
    farEnd.manner = 'redirects';
    await failureOf(send(channel));
    expect(farEnd.arrived.map(({ path }) => path)).not.toContain('/elsewhere');
  });

  test('leaks no secret into errors', async () => {
    const { channel, farEnd } = await opened(id);
    for (const manner of ['refuses', 'busy', 'broken', 'redirects'] as const) {
      farEnd.manner = manner;
      expect(String(await failureOf(send(channel)))).not.toContain(SECRET);
    }
    const { port } = new URL(farEnd.url);
    const away = { ...farEnd, url: farEnd.url.replace(port, '1') };
    const gone = open(id, { ...settingsOf[id]?.(away) }, depsOf(away));
    expect(String(await failureOf(send(gone)))).not.toContain(SECRET);
  });

  test('takes every message, hostile and huge ones too, within the limits of its far end', async () => {
    const { channel, farEnd } = await opened(id);
    for (const message of Object.values(everyMessage)) await send(channel, message);
    expect(farEnd.arrived).toHaveLength(Object.keys(everyMessage).length);
    for (const arrived of farEnd.arrived)
      limits[id]?.(id === 'push' ? await textOf(id, arrived) : arrived.body, arrived);
  });

  test('trusts no certificate that nobody vouches for', async () => {
    if (isPlain(id)) return expect(() => open(id, { url: 'ftp://x' })).toThrow();
    const { farEnd } = await opened(id);
    const { ca: _ca, ...rest } = settingsOf[id]?.(farEnd) ?? {};
    const error = await failureOf(send(open(id, rest, depsOf(farEnd))));
    expect(error.message).toContain('certificate');
    expect(error.mayRetry).toBe(false);
  });

  test('refuses an address without encryption unless a person allowed it', async () => {
    const farEnd = await startFarEnd({ plain: true });
    const { ca: _ca, ...rest } = settingsOf[id]?.(farEnd) ?? {};
    const plain = open(id, { ...rest, ...(id !== 'push' && { allowPlain: false }) }, depsOf(farEnd));
    expect((await failureOf(send(plain))).message).toContain('not encrypted');
    expect(farEnd.arrived).toEqual([]);
  });
});

/** The far ends' own limits, from their documentation. */
const limits: Record<string, (body: string, arrived: Arrived) => void> = {
  slack: (body) => checkSlackPayload(body),
  webhook: (body) => expect(JSON.parse(body)).toMatchObject({ version: 1, severity: expect.any(String) }),
  ntfy: (body) => {
    const { title, message } = JSON.parse(body) as { title: string; message: string };
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4_096);
    expect(title).not.toMatch(/[\r\n]/);
  },
  pushover: (body) => {
    const fields = new URLSearchParams(body);
    expect(Array.from(fields.get('message') ?? '').length).toBeLessThanOrEqual(1_024);
    expect(fields.get('message')).not.toBe('');
    expect(Array.from(fields.get('title') ?? '').length).toBeLessThanOrEqual(250);
    expect((fields.get('url') ?? '').length).toBeLessThanOrEqual(512);
  },
  push: (body, { bytes, headers }) => {
    expect(bytes.length).toBeLessThanOrEqual(4_096); // RFC 8030 §7.2: push services take that much.
    expect(headers.topic).toMatch(/^[A-Za-z0-9_-]{1,32}$/); // RFC 8030 §5.4
    const { title, text, path } = JSON.parse(body) as Record<string, string>;
    expect(title).not.toMatch(/[\r\n]/);
    expect(title).not.toBe('');
    expect(text).not.toBe('');
    expect(path).toMatch(/^\/[^/]/);
  },
};

test('ntfy gets as much of a huge message as fits, and no broken character', async () => {
  const { channel, farEnd } = await opened('ntfy');
  await send(channel, { ...serverOffline, text: '🔥'.repeat(1_000_000) });
  const { message } = JSON.parse(farEnd.arrived[0]?.body ?? '{}') as { message: string };
  expect(Buffer.byteLength(message)).toBeGreaterThan(3_990);
  expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4_000);
  expect(message).toMatch(/^(?:🔥)+…$/u);
});

describe('the webhook', () => {
  test('signs what it sends, so that the receiver knows who and when', async () => {
    const { channel, farEnd } = await opened('webhook');
    await send(channel);
    const [arrived] = farEnd.arrived;
    const { headers = {}, body = '' } = arrived ?? {};
    const seconds = NOW / 1_000;
    const mac = createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex');
    expect(headers).toMatchObject({
      'x-reeve-signature': `t=${seconds},v1=${mac}`,
      'idempotency-key': 'alert-1.firing',
      authorization: `Bearer ${SECRET}`,
    });
  });

  test('fills a template for an SMS gateway, escaped as its kind of body wants it', async () => {
    const farEnd = await startFarEnd();
    const base = { url: farEnd.url, ca: farEnd.ca };
    await send(open('webhook', { ...base, template: '{"to":"+491","text":"{{host}}: {{title}}"}' }), hostile);
    await send(
      open('webhook', { ...base, template: 'to=1&text={{title}}', contentType: 'application/x-www-form-urlencoded' }),
      hostile,
    );
    expect(JSON.parse(farEnd.arrived[0]?.body ?? '').text).toBe(`${hostile.host}: ${hostile.title}`);
    expect(new URLSearchParams(farEnd.arrived[1]?.body ?? '').get('text')).toBe(hostile.title);
  });

  test('names a word of the template that it does not know', () => {
    expect(() => open('webhook', { url: 'https://example.org', template: '{{nonsense}}' })).toThrow(
      '{{nonsense}} is not known',
    );
  });

  test.each(['http://169.254.169.254/latest', 'http://[fe80::1]/', 'http://0.0.0.0/', 'http://[::ffff:169.254.1.1]/'])(
    'does not write to %s',
    async (url) => {
      const error = await failureOf(send(open('webhook', { url, allowPlain: true })));
      expect(error.message).toContain('Link-local');
      expect(error.mayRetry).toBe(false);
    },
  );
});
