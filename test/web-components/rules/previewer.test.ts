import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Previewer, type PreviewState } from '../../../web-components/rules/previewer.ts';

interface Asked {
  question: number;
  signal: AbortSignal;
  answer: (found: string) => void;
  fail: (error: unknown) => void;
}

const made = (isBusyFailure = (error: unknown) => error === 'busy') => {
  const asked: Asked[] = [];
  const told: PreviewState<string>[] = [];
  const previewer = new Previewer<number, string>({
    ask: (question, signal) =>
      new Promise((answer, fail) => {
        asked.push({ question, signal, answer, fail });
      }),
    tell: (state) => void told.push(state),
    isBusyFailure,
  });
  return { previewer, asked, told, last: () => told.at(-1) };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a preview while one types', () => {
  test('is asked once, when nobody has typed for 400 ms', async () => {
    const { previewer, asked, last } = made();
    for (const question of [1, 2, 3]) {
      previewer.of(question);
      await vi.advanceTimersByTimeAsync(399);
    }
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.map(({ question }) => question)).toEqual([3]);
    expect(last()).toEqual({ isBusy: true });
    asked[0]?.answer('three');
    await vi.advanceTimersByTimeAsync(0);
    expect(last()).toEqual({ isBusy: false, found: 'three' });
  });

  test('that was overtaken is cancelled, and its answer is never told', async () => {
    const { previewer, asked, told, last } = made();
    previewer.of(1);
    await vi.advanceTimersByTimeAsync(400);
    previewer.of(2);
    expect(asked[0]?.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(400);
    asked[1]?.answer('two');
    asked[0]?.answer('one');
    await vi.advanceTimersByTimeAsync(0);
    expect(last()).toEqual({ isBusy: false, found: 'two' });
    expect(told.some(({ found }) => found === 'one')).toBe(false);
  });

  test('keeps what was found while the next is looked for', async () => {
    const { previewer, asked, last } = made();
    previewer.of(1);
    await vi.advanceTimersByTimeAsync(400);
    asked[0]?.answer('one');
    await vi.advanceTimersByTimeAsync(0);
    previewer.of(2);
    expect(last()).toEqual({ isBusy: true, found: 'one' });
  });

  test('is asked again by itself when others are being tried, and not after another failure', async () => {
    const { previewer, asked, last } = made();
    previewer.of(1);
    await vi.advanceTimersByTimeAsync(400);
    asked[0]?.fail('busy');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked).toHaveLength(2);
    asked[1]?.fail('broken');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveLength(2);
    expect(last()).toEqual({ isBusy: false, failure: 'broken' });
    previewer.again();
    await vi.advanceTimersByTimeAsync(400);
    expect(asked).toHaveLength(3);
  });

  test('of nothing ends what was under way; the same question is not asked twice', async () => {
    const { previewer, asked, last } = made();
    previewer.of(1);
    previewer.of(1);
    await vi.advanceTimersByTimeAsync(400);
    previewer.of(1);
    await vi.advanceTimersByTimeAsync(400);
    expect(asked).toHaveLength(1);
    previewer.of(undefined);
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(last()).toEqual({ isBusy: false });
  });
});
