/** Why pairing did not happen. The codes that an appliance throws are also problem codes of the API. */
export type PairingCode =
  /** The token text is not one. */
  | 'token-malformed'
  /** A message is not what the protocol says; thrown by either side. */
  | 'invalid-request'
  /** The appliance does not accept: wrong, used, expired, locked or revoked token, or a stale session. Never says which. */
  | 'pairing-refused'
  | 'too-many-requests'
  /** The appliance has no owner yet. */
  | 'setup-required'
  | 'peer-version'
  /** Who answers does not know the token; nothing about it was sent there. */
  | 'appliance-unproven'
  /** The proven appliance's certificates cannot be used. */
  | 'certificate-unusable'
  /** Another certificate than before answered; the rest was not sent. */
  | 'certificate-changed'
  /** This machine's clock lies outside the validity of the appliance's certificate. */
  | 'clock-wrong'
  | 'unreachable'
  /** Nobody on the LAN was the token's appliance in the time given. */
  | 'appliance-not-found';

/** A pairing that failed, with a sentence for people that names the cure. */
export class PairingError extends Error {
  override readonly name = 'PairingError';
  readonly code: PairingCode;
  /** The right appliance said so, or is the cause: trying another one is of no use. */
  readonly isFinal: boolean;

  constructor(code: PairingCode, message: string, { isFinal = false } = {}) {
    super(message);
    this.code = code;
    this.isFinal = isFinal || code === 'token-malformed';
  }
}

/** Somebody else spoke in the middle of it. */
export const certificateChanged = () =>
  new PairingError(
    'certificate-changed',
    'Another certificate answered in the middle of pairing; nothing more was sent.',
  );
