import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { BadMessage, checked } from '../../appliance/guard.ts';

const schema = z.object({ n: z.number() });
const refusal = () => ({ answer: (error: unknown) => ({ ok: false, why: String(error) }), note: vi.fn() });

test('a good message is handled and its answer wrapped', async () => {
  const reply = vi.fn();
  checked(schema, refusal(), ({ n }) => n * 2)({ n: 21 }, reply);
  await vi.waitFor(() => expect(reply).toHaveBeenCalledWith({ ok: true, value: 42 }));
});

test.each([[undefined], [null], ['text'], [{ n: 'one' }], [{ n: Number.NaN }], [[1, 2]]])(
  '%j is refused before the handler sees it',
  async (message) => {
    const reply = vi.fn();
    const refused = refusal();
    const handle = vi.fn();
    checked(schema, refused, handle)(message, reply);
    await vi.waitFor(() => expect(reply).toHaveBeenCalledWith(expect.objectContaining({ ok: false })));
    expect(handle).not.toHaveBeenCalled();
    expect(refused.note).toHaveBeenCalledWith(expect.any(BadMessage));
  },
);

test('a handler that throws, at once or later, is answered and does not escape', async () => {
  for (const handle of [
    () => {
      throw new Error('inside');
    },
    async () => Promise.reject(new Error('inside')),
  ]) {
    const reply = vi.fn();
    expect(() => checked(schema, refusal(), handle)({ n: 1 }, reply)).not.toThrow();
    await vi.waitFor(() => expect(reply).toHaveBeenCalledWith({ ok: false, why: 'Error: inside' }));
  }
});

test('a peer that passes no callback, or something else in its place, is served all the same', async () => {
  const handle = vi.fn();
  for (const settle of [undefined, 'not a function', 7]) checked(schema, refusal(), handle)({ n: 1 }, settle);
  await vi.waitFor(() => expect(handle).toHaveBeenCalledTimes(3));
});
