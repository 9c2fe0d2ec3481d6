import type { ReactiveController } from 'lit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Hearing } from '../../../web-components/parts/hearing.ts';
import { Reading } from '../../../web-components/parts/reading.ts';
import { Sending } from '../../../web-components/parts/sending.ts';
import { tried } from '../../../web-components/parts/tried.ts';
import { type Sent, Upload } from '../../../web-components/parts/upload.ts';
import { ApiProblem } from '../../../web-components/rest.ts';

/** An element as far as a controller knows one. */
function element() {
  const controllers: ReactiveController[] = [];
  return {
    drawn: 0,
    addController: (controller: ReactiveController) => void controllers.push(controller),
    removeController: () => undefined,
    requestUpdate() {
      this.drawn += 1;
    },
    updateComplete: Promise.resolve(true),
    connect: () => controllers.forEach((controller) => void controller.hostConnected?.()),
    disconnect: () => controllers.forEach((controller) => void controller.hostDisconnected?.()),
  };
}

describe('what an element reads', () => {
  const words = { failed: 'not read', loading: 'being read' };
  const draw = (value: string) => `drawn ${value}`;

  test('is drawn when it came, and stays when a later try fails', async () => {
    const host = element();
    const answers = [async () => 'one', () => Promise.reject(new Error('away'))];
    const reading = new Reading(host, () => (answers.shift() ?? (async () => 'none'))());
    host.connect();
    await vi.waitFor(() => expect(reading.view(words, draw)).toBe('drawn one'));
    await reading.load();
    expect(reading.failure).toEqual(new Error('away'));
    expect(reading.view(words, draw)).toBe('drawn one');
  });

  test('an answer that was overtaken by a later one is passed over', async () => {
    const answers: ((text: string) => void)[] = [];
    const host = element();
    const reading = new Reading(host, () => new Promise<string>((resolve) => answers.push(resolve)));
    const both = [reading.load(), reading.load()];
    answers[1]?.('new');
    await both[1];
    answers[0]?.('old');
    await both[0];
    expect(reading.value).toBe('new');
  });

  test('a failure before anything was read is no value, and is forgotten once one came', async () => {
    const host = element();
    const answers = [() => Promise.reject(new Error('away')), async () => 'one'];
    const reading = new Reading(host, () => (answers.shift() ?? (async () => 'none'))());
    await reading.load();
    expect([reading.value, reading.failure]).toEqual([undefined, new Error('away')]);
    await reading.load();
    expect([reading.value, reading.failure]).toEqual(['one', undefined]);
  });

  describe('every so often', () => {
    beforeEach(() => {
      vi.useFakeTimers();
    });
    afterEach(() => {
      vi.useRealTimers();
      vi.unstubAllGlobals();
    });

    test('is not read while nobody sees the page, and no more once the element is gone', () => {
      const seen = { hidden: false };
      vi.stubGlobal('document', seen);
      const read = vi.fn(async () => 'x');
      const host = element();
      new Reading(host, read, { everyMs: 1_000 });
      host.connect();
      vi.advanceTimersByTime(2_000);
      expect(read).toHaveBeenCalledTimes(3);
      seen.hidden = true;
      vi.advanceTimersByTime(5_000);
      expect(read).toHaveBeenCalledTimes(3);
      seen.hidden = false;
      host.disconnect();
      vi.advanceTimersByTime(5_000);
      expect(read).toHaveBeenCalledTimes(3);
    });
  });
});

describe('sending a form', () => {
  const refused = new ApiProblem('invalid-request', 400, {
    message: 'The request is not valid',
    fields: [{ path: 'body.value.name', message: 'say a name' }],
  });

  test('is busy meanwhile, and says that it went', async () => {
    const sending = new Sending(element());
    const went = sending.run(async () => expect(sending.isBusy).toBe(true));
    expect(await went).toBe(true);
    expect(sending.isBusy).toBe(false);
  });

  test('problems of fields stand at the fields, under the names that the form has for them', async () => {
    const sending = new Sending(element());
    const went = await sending.run(
      () => Promise.reject(refused),
      (problem) => ({ ...problem, path: problem.path.replace('body.value', 'body') }),
    );
    expect(went).toBe(false);
    expect(sending.problems).toEqual([{ path: 'body.name', message: 'say a name' }]);
    expect(sending.failure).toBe('');
    expect(sending.text).toBe('say a name');
  });

  test('what no field is to blame for is a sentence, and the next try forgets it', async () => {
    const sending = new Sending(element());
    await sending.run(() => Promise.reject(new ApiProblem('unreachable', 0, { message: 'It does not answer.' })));
    expect(sending.failure).toBe('It does not answer.');
    await sending.run(async () => undefined);
    expect(sending.failure).toBe('');
  });
});

test('an element hears while it is on the page, and again when it comes back', () => {
  const heard: string[] = [];
  const host = element();
  new Hearing(host, () => {
    heard.push('begins');
    return () => void heard.push('ends');
  });
  expect(heard).toEqual([]);
  host.connect();
  host.disconnect();
  host.connect();
  expect(heard).toEqual(['begins', 'ends', 'begins']);
});

/** What stood in toasts. */
const told: string[] = [];
beforeEach(() => {
  told.length = 0;
  vi.stubGlobal('dispatchEvent', ({ detail }: CustomEvent<{ text: string }>) => told.push(detail.text));
});
afterEach(() => void vi.unstubAllGlobals());

test('what a person asked for goes, or why it did not is told; neither way is anything thrown', async () => {
  expect(await tried(async () => 'done')).toBe(true);
  expect(told).toEqual([]);
  expect(await tried(() => Promise.reject(new Error('The disk is full')))).toBe(false);
  expect(
    await tried(() => {
      throw new Error('There is no such host');
    }),
  ).toBe(false);
  expect(told).toEqual(['The disk is full', 'There is no such host']);
});

describe('a file on its way', () => {
  const file = new File(['x'], 'a.reeve');
  const chosen = () => ({ target: { files: [file], value: 'a.reeve' } }) as unknown as Event;

  test('is shown until it has arrived, and may be chosen again', async () => {
    const event = chosen();
    const upload = new Upload(element(), async (sent, { onShare }: Sent) => {
      onShare(0.5);
      expect(sent).toBe(file);
      expect(JSON.stringify(upload.render('Sending'))).toContain('50');
    });
    await upload.bring(event);
    expect((event.target as HTMLInputElement).value).toBe('');
    expect(typeof upload.render('Sending')).toBe('symbol');
    expect(told).toEqual([]);
  });

  test('that does not arrive is told, one that was called off is not', async () => {
    const host = element();
    const send = async (_file: File, { signal }: Sent): Promise<void> => {
      signal.throwIfAborted();
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const called = new Upload(host, send).bring(chosen());
    host.disconnect();
    await called;
    expect(told).toEqual([]);
    await new Upload(element(), () => Promise.reject(new Error('The disk is full'))).bring(chosen());
    expect(told).toEqual(['The disk is full']);
  });
});
