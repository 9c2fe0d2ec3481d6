/** Memory of the machine in bytes. `available` is what programs can still get, caches that can be given back included. */
export interface Memory {
  total: number;
  free: number;
  available: number;
  swapTotal: number;
  swapFree: number;
}
