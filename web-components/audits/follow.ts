import type { LitElement, ReactiveController } from 'lit';
import type { AuditSummary } from '../../protocol/audits.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import type { Target } from './words.ts';

/** Redraws an element while audits run, and has it read anew when one began or ended. */
export class FollowAudits implements ReactiveController {
  readonly #again: (targetId: string) => void;
  #release: (() => void) | undefined;

  constructor(host: LitElement, again: (targetId: string) => void) {
    this.#again = again;
    new Follow(host, () => [live().audits]);
    host.addController(this);
  }

  hostConnected(): void {
    this.#release = live().audits.onTurn(this.#again);
  }

  hostDisconnected(): void {
    this.#release?.();
  }
}

/** The last audit of a target, with how far it is by now. */
export const latest = ({ last }: Target): AuditSummary | undefined => last && live().audits.latest(last);
