/** What the stores need of a log; the appliance's logger fits. Error codes go under `errno`, because `code` is masked as a secret. */
export interface StoreLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
