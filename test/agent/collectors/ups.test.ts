import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ups } from '../../../agent/collectors/ups.ts';
import { placeOf } from '../../../agent/reading/ask-tcp.ts';
import { apcUps, parseNis, parseVars } from '../../../agent/reading/ups.ts';
import { sampled } from '../../helpers/machine.ts';
import { temporaryDirectory } from '../../helpers/temporary.ts';

// NUT itself is in test/parts/ups.test.ts. The report of apcupsd is hand-made from its manual (Smart-UPS 1500, 3.14.14).

const REPORT = `APC      : 001,036,0876
DATE     : 2026-11-21 20:00:00 +0000
UPSNAME  : office
STATUS   : ONBATT LOWBATT
LINEV    : 0.0 Volts
LOADPCT  : 31.0 Percent
BCHARGE  : 12.0 Percent
TIMELEFT : 4.5 Minutes
OUTPUTV  : 229.8 Volts
ITEMP    : 28.4 C
NOMPOWER : 865 Watts
STATFLAG : 0x05060050
END APC  : 2026-11-21 20:00:01 +0000`;

const nis = (text: string) =>
  Buffer.concat([
    ...text.split('\n').map((line) => {
      const bytes = Buffer.from(`${line}\n`);
      return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
    }),
    Buffer.from([0, 0]),
  ]);

/** A server that answers every connection with these bytes, and closes only if `ends`. */
async function server(answer: Buffer, { ends = false } = {}): Promise<string> {
  const listening = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => (ends ? socket.end(answer) : socket.write(answer)));
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void listening.close());
  return `127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

async function read(settings: object) {
  const { sampler, at } = sampled([ups], { root: temporaryDirectory(), settings: { ups: settings } });
  await sampler.sampleSlow({ at: 0, mono: 0 }, 15_000);
  return { values: await at(0), state: sampler.states[0] };
}

describe('a UPS of apcupsd', () => {
  it('says how it is', async () => {
    const { values } = await read({ apcupsd: [await server(nis(REPORT))] });
    expect(values).toEqual({
      'hw.ups.reachable{hw.name="office"}': 1,
      'hw.ups.on_battery{hw.name="office"}': 1,
      'hw.ups.battery.low{hw.name="office"}': 1,
      'hw.ups.battery.worn{hw.name="office"}': 0,
      'hw.ups.charge{hw.name="office"}': 0.12,
      'hw.ups.time_left{hw.name="office"}': 270,
      'hw.ups.load{hw.name="office"}': 0.31,
      'hw.ups.power{hw.name="office"}': 268.1,
      'hw.ups.voltage{hw.name="office",hw.ups.side="input"}': 0,
      'hw.ups.voltage{hw.name="office",hw.ups.side="output"}': 229.8,
      'hw.ups.temperature{hw.name="office"}': 28.4,
    });
  });

  it('that has lost its cable is not reachable', () => {
    expect(apcUps(new Map([['STATFLAG', '0x05000108']]))).toMatchObject({ name: 'ups', isSilent: true });
    expect(apcUps(new Map())).toMatchObject({ isSilent: true });
  });

  it('is read from answers cut short without an error', () => {
    const whole = nis(REPORT);
    for (let end = 0; end < whole.length; end += 11)
      expect(parseNis(whole.subarray(0, end)).size).toBeLessThanOrEqual(13);
    expect(parseNis(Buffer.alloc(100, 255)).size).toBe(0);
  });
});

describe('a UPS server', () => {
  it.each([
    ['talks of something else', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), /is no UPS server/],
    ['refuses', Buffer.from('ERR ACCESS-DENIED\n'), /says ACCESS-DENIED/],
    ['does not stop talking', Buffer.alloc(300 * 1024, 'x'), /more than can be taken/],
  ])('that %s is named as failing', async (_what, answer, reason) => {
    const { values, state } = await read({ nut: [await server(answer, { ends: true })] });
    expect(values).toEqual({});
    expect(state?.reason).toMatch(reason);
  });

  it('that never answers is given up in time', async () => {
    const { state } = await read({ nut: [await server(Buffer.alloc(0))] });
    expect(state?.reason).toMatch(/does not answer/);
  }, 15_000);

  it('costs the others nothing when it fails, and an address that is none is named', async () => {
    const { values, state } = await read({ nut: ['ups.example:0:0', '[::1'], apcupsd: [await server(nis(REPORT))] });
    expect(values).toHaveProperty(['hw.ups.charge{hw.name="office"}']);
    expect(state?.missed).toEqual(['ups.example:0:0 is no address', '[::1 is no address']);
    expect(placeOf('[fe80::1]:99', 1)).toEqual({ host: 'fe80::1', port: 99 });
  });

  it('is not called where nothing is set up', async () => {
    expect((await read({})).state).toMatchObject({ state: 'absent', reason: 'neither NUT nor apcupsd is set up here' });
  });

  it('has values with quotes', () => {
    expect(parseVars('VAR a ups.mfr "A \\"B\\" \\\\"\nVAR a x\nVAR a y "cut').get('ups.mfr')).toBe('A "B" \\');
  });
});
