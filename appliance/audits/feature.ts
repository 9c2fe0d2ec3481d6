import type { Job, Schedule } from '../jobs.ts';
import { HOUR_MS } from '../spans.ts';
import { Audits, type AuditsParts } from './audits.ts';
import type { TargetRecord } from './documents.ts';
import { Joins } from './joins.ts';
import { AuditKeys, type AuditKeysParts } from './keys.ts';
import { Targets } from './targets.ts';
import { Waivers } from './waivers.ts';

export type AuditFeatureParts = AuditKeysParts & Omit<AuditsParts, 'keys' | 'targets' | 'waivers'>;

/** Everything about audits of hosts: what is audited, with which keys, what was found and what is lived with. */
export class AuditFeature {
  readonly keys: AuditKeys;
  readonly targets: Targets;
  readonly waivers: Waivers;
  readonly audits: Audits;
  readonly joins: Joins;

  private constructor(parts: Pick<AuditFeature, 'keys' | 'targets' | 'waivers' | 'audits' | 'joins'>) {
    this.keys = parts.keys;
    this.targets = parts.targets;
    this.waivers = parts.waivers;
    this.audits = parts.audits;
    this.joins = parts.joins;
  }

  static async open(parts: AuditFeatureParts): Promise<AuditFeature> {
    const { documents, now } = parts;
    const keys = await AuditKeys.open(parts);
    const targets = await Targets.open(documents, now);
    const waivers = await Waivers.open(documents, now);
    const audits = await Audits.open({ ...parts, keys, targets, waivers });
    return new AuditFeature({ keys, targets, waivers, audits, joins: new Joins({ keys, targets, now }) });
  }

  /** With its audits and waivers. */
  async removeTarget({ id }: TargetRecord): Promise<void> {
    await this.targets.remove(id);
    await this.audits.forgetTarget(id);
    await this.waivers.forgetTarget(id);
  }

  /** To be called when a host goes: what its agent audited goes with it; what is reached over SSH stays, and is of no host. */
  async forgetHost(hostId: string): Promise<void> {
    for (const target of this.targets.all().filter((each) => each.hostId === hostId)) {
      if (target.via === 'agent') await this.removeTarget(target);
      else await this.targets.change(target.id, ({ hostId: _, ...rest }) => rest);
    }
  }

  /** To be called when a site goes. */
  async forgetSite(siteId: string): Promise<void> {
    this.joins.forgetSite(siteId);
    for (const target of this.targets.of(siteId)) await this.removeTarget(target);
    await this.keys.forgetSite(siteId);
  }

  /** The audits of each night. One that fails stops no other; it tells of itself. */
  job(schedule: () => Schedule): Job {
    return {
      ...{ id: 'audits', title: 'Audit hosts', schedule, timeoutMs: HOUR_MS },
      run: async ({ signal, progress }) => {
        const due = this.targets.all().filter((target) => target.schedule !== 'off');
        let done = 0;
        const failed: string[] = [];
        const stop = (): void => {
          for (const { id } of due) {
            const running = this.audits.lastOf(id);
            if (running?.state === 'running') this.audits.cancel(running.id, 'the job');
          }
        };
        signal.addEventListener('abort', stop);
        await Promise.all(
          due.map(async (target) => {
            await this.audits.start(target, target.schedule === 'full' ? 'full' : 'quick', 'schedule');
            const ended = await this.audits.ended(target.id);
            if (ended?.state === 'failed') failed.push(target.name);
            progress({ done: ++done, of: due.length, text: target.name });
          }),
        );
        signal.removeEventListener('abort', stop);
        signal.throwIfAborted();
        if (due.length === 0) return 'No host is to be audited each night';
        const rest = failed.length > 0 ? `; not ${failed.slice(0, 10).join(', ')}` : '';
        return `${due.length - failed.length} of ${due.length} hosts were audited${rest}`;
      },
    };
  }
}
