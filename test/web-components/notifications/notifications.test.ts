import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { channels } from '../../../appliance/notifications/channels/index.ts';
import { CATEGORIES, routeFields } from '../../../protocol/notifications.ts';
import { notificationSettings } from '../../../protocol/settings/notifications.ts';
import {
  atChannel,
  channelSchema,
  channelValues,
  sentChannel,
} from '../../../web-components/notifications/channel-form.ts';
import { alertOf, deliveryLevel, whenNext } from '../../../web-components/notifications/deliveries.ts';
import { routeSchema, sentRoute } from '../../../web-components/notifications/route-form.ts';
import {
  CATEGORY_IDS,
  type Channel,
  type Delivery,
  daysText,
  destination,
  isPlain,
  quietText,
  routeText,
} from '../../../web-components/notifications/words.ts';
import { fieldsOf, type JsonSchema, namesElsewhere } from '../../../web-components/parts/form-schema.ts';

const kinds = channels.map(({ id, title, settings }) => ({
  ...{ id, title },
  form: z.toJSONSchema(settings, { io: 'input' }) as Record<string, unknown>,
}));
const ID = '0190a000-0000-7000-8000-000000000001';
const channel = (value: Record<string, unknown>): Channel => ({
  ...{ id: ID, rev: 1, name: 'Mail', kind: 'email', isEnabled: true, problems: [], createdAt: 0 },
  value,
});

describe('a channel in its form', () => {
  test.each(kinds)('$id has its name first, then every setting of its kind', (kind) => {
    const [first, ...rest] = fieldsOf(channelSchema(kind));
    expect([first?.title, first?.isRequired]).toEqual(['Name', true]);
    expect(rest.map(({ name }) => name).sort()).toEqual(Object.keys(kind.form.properties as object).sort());
  });

  test('a secret that is kept is sent as it was shown, and nothing but settings of its kind goes along', () => {
    const kind = kinds.find(({ id }) => id === 'slack');
    if (!kind) throw new Error('no slack');
    const shown = channelValues(channel({ url: { set: true }, allowPlain: false }), kind);
    expect(sentChannel({ ...shown, stray: 1 }, kind)).toEqual({
      name: 'Mail',
      value: { url: { set: true }, allowPlain: false },
    });
    expect(atChannel({ path: 'body.value.url', message: 'x' }).path).toBe('url');
    expect(fieldsOf(channelSchema(kind)).map(({ name }) => name)).toContain(
      atChannel({ path: 'body.name', message: 'x' }).path,
    );
  });

  test('what is not encrypted is told, and where it leads without any secret', () => {
    expect([
      isPlain(channel({ allowPlain: true })),
      isPlain(channel({ security: 'none' })),
      isPlain(channel({})),
    ]).toEqual([true, true, false]);
    expect(
      destination(channel({ url: { set: true }, to: ['a@example.org', 'b@example.org'], host: 'mail.example.org' })),
    ).toBe('a@example.org, b@example.org, mail.example.org');
    expect(destination(channel({ url: { set: true } }))).toBe('');
  });
});

describe('routes and quiet hours in words', () => {
  test('every category has a word', () => expect([...CATEGORY_IDS].sort()).toEqual([...CATEGORIES].sort()));

  test.each([
    [[1, 2, 3, 4, 5, 6, 7], 'every day'],
    [[5, 1, 2, 4, 3], 'Mon–Fri'],
    [[6, 7], 'Sat, Sun'],
    [[1, 3, 5, 6, 7], 'Mon, Wed, Fri–Sun'],
  ])('days %j are “%s”', (days, words) => expect(daysText(days)).toBe(words));

  test('a window and a route say all that they hold', () => {
    expect(quietText({ days: [6], from: '22:00', to: '07:00', categories: ['storage', 'reeve'], upTo: 'medium' })).toBe(
      'Sat 22:00 to 07:00: storage, Reeve itself, up to warning',
    );
    expect(routeText({ severities: [], categories: [], tags: [] })).toBe('everything');
    expect(routeText({ severities: ['high', 'critical'], categories: ['offline'], tags: ['storage'] })).toBe(
      'critical, high · host offline · hosts tagged storage',
    );
  });

  test('what the form of a route sends is a route', () => {
    const schema = z.toJSONSchema(routeFields, { io: 'input' }) as JsonSchema;
    const form = routeSchema(schema, { channels: [channel({})], tags: ['storage'] });
    expect(
      fieldsOf(form)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(Object.keys(routeFields.shape).sort());
    const sent = sentRoute({ title: 'Storage', isEnabled: true, channelIds: [ID], tellsEnd: true });
    expect(routeFields.parse(sent)).toMatchObject({ severities: [], categories: [], tags: [], afterMinutes: 0 });
  });

  test('quiet hours have a page of their own: the settings’ form does not draw them, and sends them along', () => {
    const schema = z.toJSONSchema(notificationSettings, { io: 'input' }) as JsonSchema;
    expect(namesElsewhere(schema)).toEqual(['quiet']);
    expect(fieldsOf(schema).map(({ name }) => name)).not.toContain('quiet');
  });
});

describe('what became of a message', () => {
  const delivery = (rest: Partial<Delivery>): Delivery =>
    ({ id: ID, state: 'waiting', tries: 0, nextAt: 10_000, ...rest }) as Delivery;

  test('a message leads to its alert, unless it is about several or none', () => {
    expect(alertOf({ messageId: `${ID}.3` })).toBe(ID);
    expect([alertOf({ messageId: 'test.179' }), alertOf({ messageId: `${ID}.3+2` })]).toEqual([undefined, undefined]);
  });

  test('waiting for its time is no trouble, waiting for another try is', () => {
    expect(
      [{}, { tries: 1 }, { state: 'sent' }, { state: 'given-up' }].map((rest) =>
        deliveryLevel(delivery(rest as Partial<Delivery>)),
      ),
    ).toEqual(['unknown', 'warning', 'ok', 'critical']);
    expect(whenNext(delivery({}), 0)).toBe('sent in 10\u00a0s');
    expect(whenNext(delivery({ tries: 2 }), 0)).toBe('tried again in 10\u00a0s');
    expect(whenNext(delivery({ state: 'sent' }), 0)).toBe('');
  });
});
