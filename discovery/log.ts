/** What discovery needs of a log; pino's logger is one. */
export interface DiscoveryLog {
  debug(detail: object, message: string): void;
  info(detail: object, message: string): void;
  warn(detail: object, message: string): void;
}
