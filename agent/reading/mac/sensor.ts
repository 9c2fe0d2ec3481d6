/// <reference path="./systeminformation.d.ts" />

/** The part of systeminformation that is used here; the whole of it would be a fifth of the built agent. */
interface Sensors {
  cpuTemperature(): Promise<{ main: number | null }>;
}

/** Temperature of a Mac's processor in degrees Celsius, where systeminformation finds a sensor; null where it finds none. */
export async function macTemperature(): Promise<number | null> {
  const module: unknown = await import('systeminformation/lib/cpu.js');
  const { cpuTemperature } = ((module as { default?: unknown }).default ?? module) as Sensors;
  return (await cpuTemperature()).main;
}
