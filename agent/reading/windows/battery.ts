import * as z from 'zod/mini';
import type { Battery } from '../battery.ts';
import { number, query, rowsOf, text } from './rows.ts';

const row = z.object({
  Name: text,
  DeviceID: text,
  BatteryStatus: number,
  EstimatedChargeRemaining: number,
  EstimatedRunTime: number,
});

export const BATTERY_QUERY = query('Win32_Battery', [
  ...['Name', 'DeviceID', 'BatteryStatus', 'EstimatedChargeRemaining', 'EstimatedRunTime'],
]);

/** Discharging, low, critical: the other states are on mains. */
const DISCHARGING = new Set([1, 4, 5]);
/** Minutes that Windows says when it does not know. */
const UNKNOWN_MINUTES = 71_582_788;

/** Batteries of `Win32_Battery`; what they held when new is not told to an ordinary account. */
export const batteriesOf = (found: readonly unknown[]): { name: string; battery: Battery }[] =>
  rowsOf(row, found).map(({ Name, DeviceID, BatteryStatus = 2, EstimatedChargeRemaining, EstimatedRunTime }) => {
    const isDischarging = DISCHARGING.has(BatteryStatus);
    const isTold = EstimatedRunTime !== undefined && EstimatedRunTime < UNKNOWN_MINUTES;
    return {
      name: Name ?? DeviceID ?? 'battery',
      battery: {
        charge: EstimatedChargeRemaining === undefined ? undefined : Math.min(1, EstimatedChargeRemaining / 100),
        health: undefined,
        isDischarging,
        watts: undefined,
        secondsLeft: isDischarging && isTold ? EstimatedRunTime * 60 : undefined,
        cycles: undefined,
      },
    };
  });
