/** One mounted file system. */
export interface Mount {
  point: string;
  type: string;
  isRemote: boolean;
}
