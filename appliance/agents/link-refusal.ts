import type { Refusal } from '../../protocol/agent-link.ts';

/** A refusal on the agents' socket: the agent is told the code and what to do. */
export class LinkRefusal extends Error {
  override readonly name = 'LinkRefusal';
  readonly refusal: Refusal;

  constructor(code: Refusal['code'], message: string) {
    super(message);
    this.refusal = { code, message };
  }
}
