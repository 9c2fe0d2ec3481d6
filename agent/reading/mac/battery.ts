import type { Battery } from '../battery.ts';

/** Batteries of `pmset -g batt`, and whether the machine is on mains. */
export function parsePmset(output: string): {
  isOnMains: boolean | undefined;
  batteries: { name: string; battery: Battery }[];
} {
  const source = /^Now drawing from '(.+)'/m.exec(output)?.[1];
  const found = output.matchAll(/^ -(\S+)(?: \(id=\d+\))?\s+(\d+)%;([^;]*);?(?:\s*(\d+):(\d\d) remaining)?/gm);
  const batteries = [...found].map(([, name = '', percent, state = '', hours, minutes]) => {
    const isDischarging = state.trim() === 'discharging';
    const secondsLeft = hours === undefined ? undefined : (Number(hours) * 60 + Number(minutes)) * 60;
    return {
      name: name.replace(/-0$/, ''),
      battery: {
        charge: Math.min(1, Number(percent) / 100),
        health: undefined,
        isDischarging,
        watts: undefined,
        secondsLeft: isDischarging ? secondsLeft : undefined,
        cycles: undefined,
      },
    };
  });
  return { isOnMains: source === undefined ? undefined : source !== 'Battery Power', batteries };
}

/** A number below zero stands as one of 64 bits without a sign. */
const signed = (digits: string): number => Number(BigInt.asIntN(64, BigInt(digits)));

/**
 * What `ioreg -rc AppleSmartBattery -w 0` adds: what it holds of what it held when new, cycles and power. Where there is
 * `AppleRawMaxCapacity`, as on every Mac of today, `MaxCapacity` is a percentage.
 */
export function parseSmartBattery(output: string): Pick<Battery, 'health' | 'watts' | 'cycles'> {
  const number = (name: string) => {
    const found = new RegExp(`^[\\s|]*"${name}" = (\\d{1,20})\\s*$`, 'm').exec(output)?.[1];
    return found === undefined ? undefined : signed(found);
  };
  const design = number('DesignCapacity');
  const full = number('AppleRawMaxCapacity') ?? number('MaxCapacity');
  const [milliamperes, millivolts] = [number('Amperage'), number('Voltage')];
  return {
    health: full !== undefined && design ? Math.round(Math.min(1, full / design) * 1e4) / 1e4 : undefined,
    watts:
      milliamperes === undefined || millivolts === undefined
        ? undefined
        : Math.round(Math.abs(milliamperes * millivolts) / 1e4) / 100,
    cycles: number('CycleCount'),
  };
}
