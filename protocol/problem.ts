/** Every problem that the API can answer with, RFC 9457: code → status and title. The code is stable; texts may change. */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'not-signed-in': { status: 401, title: 'Sign in first' },
  'wrong-credentials': { status: 401, title: 'Name or password is wrong' },
  'second-factor-required': { status: 401, title: 'A code of your second factor is needed' },
  'not-allowed': { status: 403, title: 'Your role does not allow this' },
  'wrong-origin': { status: 403, title: 'The request came from another site' },
  'pairing-refused': { status: 403, title: 'Pairing was refused' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'backup-refused': { status: 422, title: 'This backup cannot be restored' },
  'update-refused': { status: 422, title: 'This update cannot be installed' },
  'wrong-passphrase': { status: 422, title: 'The passphrase is not the one of this backup' },
  'setup-required': { status: 409, title: 'This appliance has no owner yet' },
  'already-set-up': { status: 409, title: 'This appliance has an owner already' },
  'own-machine': { status: 409, title: 'Reeve watches its own machine' },
  'own-account': { status: 409, title: 'This is your own account' },
  'last-owner': { status: 409, title: 'The appliance needs an owner' },
  'site-in-use': { status: 409, title: 'This site is in use' },
  conflict: { status: 409, title: 'Somebody else changed this meanwhile' },
  'too-large': { status: 413, title: 'The request is too large' },
  'https-required': { status: 426, title: 'This appliance takes HTTPS only' },
  'wrong-host': { status: 421, title: 'This name does not belong to the appliance' },
  'peer-version': { status: 426, title: 'The two sides speak different versions' },
  'too-slow': { status: 408, title: 'The request came too slowly' },
  'headers-too-large': { status: 431, title: 'The headers of the request are too large' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'internal-error': { status: 500, title: 'Something failed inside the appliance' },
  'too-long': { status: 503, title: 'This takes too long' },
  'host-unreachable': { status: 503, title: 'The host cannot be asked now' },
  'storage-unavailable': { status: 503, title: 'The store does not accept writes' },
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

/** What one field did wrong, and the cure. `path` points into the request, as `body.name` or `query.from`. */
export interface FieldProblem {
  path: string;
  message: string;
}

/** Body of every answer that is not a success, `application/problem+json`. */
export interface ProblemDocument {
  type: string;
  code: ProblemCode;
  status: number;
  title: string;
  detail?: string;
  instance?: string;
  errors?: FieldProblem[];
}
