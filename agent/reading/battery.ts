/** What a battery says. */
export interface Battery {
  /** Shares of 1. */
  charge: number | undefined;
  health: number | undefined;
  isDischarging: boolean;
  watts: number | undefined;
  secondsLeft: number | undefined;
  cycles: number | undefined;
}
