import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BundleError, HEAD_BYTES, judgeHead, notByItself, readHead } from '../../../appliance/machine/bundle.ts';
import { isWithin, updateSchedule } from '../../../appliance/machine/window.ts';
import type { ImageState } from '../../../protocol/machine.ts';
import { signingKey, updateBundle } from '../../helpers/update-bundle.ts';

const image: ImageState = {
  ...{ version: '1.5.0', board: 'vm', slot: 'A', returnedFrom: null, resetAt: null },
  other: { version: null, state: 'empty' },
};
const headOf = (bundle: Buffer) => {
  const head = readHead(bundle);
  if (!head) throw new Error('no head');
  return head;
};

describe('the head of an update', () => {
  test('is read as soon as it is there, and not before', () => {
    const bundle = updateBundle({ version: '2.1.0' });
    expect(readHead(bundle.subarray(0, 700))).toBeUndefined();
    expect(headOf(bundle.subarray(0, HEAD_BYTES)).manifest).toMatchObject({ version: '2.1.0', dataSchema: 3 });
  });

  test('is refused for any other file, with what to do, and never throws anything else', () => {
    for (const foreign of [Buffer.alloc(2_000), Buffer.from('PK'.repeat(2_000)), Buffer.alloc(HEAD_BYTES, 0x30)])
      expect(() => readHead(foreign)).toThrow('is no update of Reeve');
    fc.assert(
      fc.property(fc.nat(1_500), fc.uint8Array({ minLength: 1, maxLength: 40 }), (at, noise) => {
        const bundle = updateBundle();
        bundle.set(noise, Math.min(at, bundle.length - noise.length));
        try {
          readHead(bundle);
        } catch (error) {
          expect(error).toBeInstanceOf(BundleError);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('of a format that is not known yet, or with names that lead elsewhere, is refused', () => {
    expect(() => readHead(updateBundle({ manifest: { format: 2 } }))).toThrow('does not know');
    expect(() => readHead(updateBundle({ manifest: { version: '../../etc' } }))).toThrow('does not know');
  });

  test('is judged by signature, board and version', () => {
    const { privateKey, pem } = signingKey();
    const head = headOf(updateBundle({ key: privateKey }));
    judgeHead(head, image, pem);
    judgeHead(head, image, undefined);
    expect(() => judgeHead(head, image, signingKey().pem)).toThrow('not signed by who made this image');
    expect(() => judgeHead({ ...head, bytes: Buffer.concat([head.bytes, Buffer.from(' ')]) }, image, pem)).toThrow(
      'not signed',
    );
    expect(() => judgeHead(headOf(updateBundle({ board: 'pi' })), image, undefined)).toThrow(
      'for a Raspberry Pi, and this is a virtual machine',
    );
    expect(() => judgeHead(headOf(updateBundle({ version: '1.5.0' })), image, undefined)).toThrow('1.5.0 runs already');
  });

  test('of executables is judged by signature, version and names of files, and never without a key', () => {
    const { privateKey, pem } = signingKey();
    const about = { board: 'agents', version: '1.5.0', key: privateKey };
    judgeHead(headOf(updateBundle({ ...about, fileName: 'linux-x64.pack' })), image, pem);
    expect(() => judgeHead(headOf(updateBundle(about)), image, pem)).toThrow('called root.squashfs');
    expect(() => judgeHead(headOf(updateBundle({ ...about, fileName: 'manifest.json' })), image, pem)).toThrow(
      'called',
    );
    expect(() => judgeHead(headOf(updateBundle({ ...about, version: '1.4.0' })), image, pem)).toThrow('1.5.0 runs');
    expect(() => judgeHead(headOf(updateBundle(about)), image, undefined)).toThrow('no key');
    expect(() => judgeHead(headOf(updateBundle(about)), image, signingKey().pem)).toThrow('not signed');
    expect(notByItself(headOf(updateBundle(about)).manifest, image)).toContain('only where somebody asks');
  });

  test('is not installed by itself where it is older, or went wrong before', () => {
    const { manifest } = headOf(updateBundle({ version: '2.0.0' }));
    expect(notByItself(manifest, image)).toBeUndefined();
    expect(notByItself(manifest, { ...image, version: '2.0.1' })).toContain('older');
    expect(notByItself(manifest, { ...image, returnedFrom: '2.0.0' })).toContain('not tried again');
    expect(notByItself(manifest, { ...image, other: { version: '2.0.0', state: 'bad' } })).toContain('not tried again');
  });
});

describe('the window of updates', () => {
  const settings = {
    schedule: 'weekly',
    weekday: 'sunday',
    from: '23:30',
    until: '02:00',
    url: 'http://10.0.0.2/x',
  } as const;
  const at = (time: string) => Date.parse(`2026-06-07T${time}:00Z`);

  test('is a time of the clock in the zone of the site, off by default', () => {
    expect(updateSchedule(settings, 'Europe/Vienna')).toEqual({ cron: '30 23 * * 0', zone: 'Europe/Vienna' });
    expect(updateSchedule({ ...settings, schedule: 'daily' }, 'UTC')).toEqual({ cron: '30 23 * * *', zone: 'UTC' });
    expect(updateSchedule({ ...settings, schedule: 'never' }, 'UTC')).toBe('by hand');
  });

  test.each([
    ['21:29', false],
    ['21:30', true],
    ['23:59', true],
    ['00:00', false],
  ])('over midnight in Vienna: %s UTC is within: %s', (time, isIn) => {
    expect(isWithin(at(time), settings, 'Europe/Vienna')).toBe(isIn);
  });
});
