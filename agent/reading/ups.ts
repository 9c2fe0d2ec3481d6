import { askTcp, type Place } from './ask-tcp.ts';

/** What an uninterruptible power supply says; absent is what it does not know. Shares are 0 to 1. */
export interface Ups {
  name: string;
  isOnBattery: boolean;
  isLow: boolean;
  needsBattery: boolean;
  /** Nothing is heard of the device itself. */
  isSilent: boolean;
  charge?: number | undefined;
  secondsLeft?: number | undefined;
  load?: number | undefined;
  watts?: number | undefined;
  inputVolts?: number | undefined;
  outputVolts?: number | undefined;
  celsius?: number | undefined;
}

const MOST_UPS = 32;
const round = (value: number | undefined, digits = 4) =>
  value === undefined ? undefined : Number(value.toFixed(digits));
const numberOf = (text: string | undefined): number | undefined => {
  const value = Number.parseFloat(text ?? '');
  return Number.isFinite(value) ? value : undefined;
};
const shareOf = (text: string | undefined): number | undefined => {
  const percent = numberOf(text);
  return percent === undefined ? undefined : round(percent / 100);
};

/** Values of `LIST VAR`: lines `VAR <ups> <name> "<value>"`, quotes and backslashes escaped (RFC 9271). */
export function parseVars(answer: string): Map<string, string> {
  const found = answer.split('\n').map((line) => /^VAR \S+ (\S+) "((?:[^"\\]|\\.)*)"$/.exec(line.trim()));
  return new Map(found.flatMap((each) => (each ? [[each[1] ?? '', (each[2] ?? '').replace(/\\(.)/g, '$1')]] : [])));
}

/** Names of `LIST UPS`. */
export const parseNames = (answer: string): string[] =>
  answer.split('\n').flatMap((line) => /^UPS (\S+) "/.exec(line)?.[1] ?? []);

/** The variables of NUT in our words. */
export function nutUps(name: string, said: ReadonlyMap<string, string>): Ups {
  const flags = (said.get('ups.status') ?? '').split(' ');
  const load = shareOf(said.get('ups.load'));
  const nominal = numberOf(said.get('ups.realpower.nominal'));
  return {
    name,
    isOnBattery: flags.includes('OB'),
    isLow: flags.includes('LB'),
    needsBattery: flags.includes('RB'),
    isSilent: !said.has('ups.status') || flags.includes('OFF'),
    charge: shareOf(said.get('battery.charge')),
    secondsLeft: numberOf(said.get('battery.runtime')),
    load,
    watts: round(
      numberOf(said.get('ups.realpower')) ?? (load !== undefined && nominal !== undefined ? load * nominal : undefined),
      1,
    ),
    inputVolts: numberOf(said.get('input.voltage')),
    outputVolts: numberOf(said.get('output.voltage')),
    celsius: numberOf(said.get('ups.temperature') ?? said.get('battery.temperature')),
  };
}

/** Every UPS of a NUT server (RFC 9271). One that the server has lost is `isSilent`. */
export async function readNut(place: Place): Promise<Ups[]> {
  const ask = async (what: string) => {
    const isWhole = (answer: Buffer) => /^(?:END LIST .*|ERR .*)\n/m.test(answer.toString('utf8'));
    const answer = (await askTcp(place, Buffer.from(`LIST ${what}\nLOGOUT\n`), isWhole)).toString('utf8');
    const wrong = /^ERR (\S+)/.exec(answer)?.[1];
    if (wrong) throw new Error(`the UPS server says ${wrong}`);
    if (!answer.includes(`BEGIN LIST ${what}`)) throw new Error('it answers, but is no UPS server');
    return answer;
  };
  const all: Ups[] = [];
  for (const name of parseNames(await ask('UPS')).slice(0, MOST_UPS)) {
    const said = await ask(`VAR ${name}`).then(parseVars, () => new Map<string, string>());
    all.push(nutUps(name, said));
  }
  return all;
}

/** Lines `NAME     : value` of apcupsd's status report, each in a record of its own length (apcupsd manual, NIS). */
export function parseNis(answer: Buffer): Map<string, string> {
  const said = new Map<string, string>();
  for (let at = 0; at + 2 <= answer.length; ) {
    const length = answer.readUInt16BE(at);
    const line = answer.toString('utf8', at + 2, at + 2 + length);
    const colon = line.indexOf(':');
    if (colon > 0) said.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    if (length === 0) break;
    at += 2 + length;
  }
  return said;
}

/** apcupsd's words in ours. Bits of STATFLAG: 0x8 on line, 0x10 on battery, 0x40 battery low, 0x80 replace battery, 0x100 lost. */
export function apcUps(said: ReadonlyMap<string, string>): Ups {
  const flags = Number.parseInt(said.get('STATFLAG') ?? '0', 16);
  const load = shareOf(said.get('LOADPCT'));
  const [nominal, minutes] = [numberOf(said.get('NOMPOWER')), numberOf(said.get('TIMELEFT'))];
  return {
    name: said.get('UPSNAME') || 'ups',
    isOnBattery: (flags & 0x10) !== 0,
    isLow: (flags & 0x40) !== 0,
    needsBattery: (flags & 0x80) !== 0,
    isSilent: (flags & 0x100) !== 0 || !said.has('STATFLAG'),
    charge: shareOf(said.get('BCHARGE')),
    secondsLeft: minutes === undefined ? undefined : Math.round(minutes * 60),
    load,
    watts: load !== undefined && nominal !== undefined ? round(load * nominal, 1) : undefined,
    inputVolts: numberOf(said.get('LINEV')),
    outputVolts: numberOf(said.get('OUTPUTV')),
    celsius: numberOf(said.get('ITEMP')),
  };
}

/** The UPS of an apcupsd, by its network information server: a question is its length in two bytes, the answer ends with a length of 0. */
export async function readApc(place: Place): Promise<Ups[]> {
  const question = Buffer.concat([Buffer.from([0, 6]), Buffer.from('status')]);
  const said = parseNis(await askTcp(place, question, isWholeNis));
  if (!said.has('APC')) throw new Error('it answers, but is no apcupsd');
  return [apcUps(said)];
}

function isWholeNis(answer: Buffer): boolean {
  let at = 0;
  while (at + 2 <= answer.length) {
    const length = answer.readUInt16BE(at);
    if (length === 0) return true;
    at += 2 + length;
  }
  return false;
}
