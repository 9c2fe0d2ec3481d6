// Over 250 lines because an audit's whole life stands here: started, heard, judged, kept, told, looked at.
import { randomBytes } from 'node:crypto';
import type { AuditFacts } from '../../protocol/audit-facts.ts';
import { sectionsOf } from '../../protocol/audit-script.ts';
import type { AuditKind, AuditSummary } from '../../protocol/audits.ts';
import type { AuditDetail } from '../../protocol/routes/audits.ts';
import type { Hub } from '../hub.ts';
import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { Places } from '../places.ts';
import { Problem } from '../problem.ts';
import { SshError } from '../ssh-error.ts';
import type { Collection, DocumentStore } from '../store/documents.ts';
import { checks } from './checks/index.ts';
import type { ConnectParts } from './connect.ts';
import { type AuditRecord, auditRecords, type TargetRecord } from './documents.ts';
import type { Facts } from './facts.ts';
import { countsOf, judgeAll, scoreOf, withWaivers } from './judge.ts';
import { readOverSsh } from './over-ssh.ts';
import { pack, unpack } from './packed.ts';
import { parseFacts } from './parse.ts';
import { readSections } from './read.ts';
import { connectionFacts, criticalFact } from './told.ts';
import type { Waivers } from './waivers.ts';

export interface AuditsParts extends ConnectParts {
  documents: DocumentStore;
  hub: Hub;
  now: () => number;
  log: Logger;
  waivers: Waivers;
  /** Has the agent of a host run the script; fails where it has none that is connected, or it may not. */
  askAgent(hostId: string, asked: { kind: AuditKind; nonce: string; signal: AbortSignal }): Promise<Buffer>;
}

interface Running {
  siteId: string;
  summary: AuditSummary;
  abort: AbortController;
  ended: Promise<AuditSummary>;
}

/** Audits at once. */
const AT_ONCE = 10;
/** Audits of a target whose facts are kept; of older ones score and findings are. */
const KEPT_FACTS = 10;
/** Runs audits, one at a time of each target, ten of all, and keeps what they found. */
export class Audits {
  readonly #parts: AuditsParts;
  readonly #records: Collection<AuditRecord>;
  readonly #running = new Map<string, Running>();
  readonly #places = new Places(AT_ONCE);
  /** The last of each target that has ended, without facts. */
  readonly #last = new Map<string, AuditRecord>();

  private constructor(parts: AuditsParts, records: Collection<AuditRecord>) {
    this.#parts = parts;
    this.#records = records;
  }

  /** Audits that ran when the appliance ended have failed. */
  static async open(parts: AuditsParts): Promise<Audits> {
    const audits = new Audits(parts, await parts.documents.collection(auditRecords));
    for (const found of await audits.#records.find({}, { sort: { by: 'id', order: 'up' } })) {
      const problem = 'The appliance ended while it ran';
      const record =
        found.state === 'running'
          ? await audits.#records.update({ ...found, state: 'failed', endedAt: found.startedAt, problem })
          : found;
      audits.#last.set(record.targetId, record);
    }
    return audits;
  }

  /** Resolves when the audit is on record; it goes on by itself. Answers with the one that runs already, if there is one. */
  async start(target: TargetRecord, kind: AuditKind, by: string): Promise<AuditSummary> {
    const present = this.#running.get(target.id);
    if (present) return present.summary;
    const startedAt = this.#parts.now();
    const progress = { done: 0, of: sectionsOf(kind).length, section: '' };
    const summary: AuditSummary = {
      ...{ id: newId(startedAt), targetId: target.id, targetName: target.name, kind, via: target.via },
      ...{ startedAt, state: 'running', by, progress },
    };
    const running: Running = {
      siteId: target.siteId,
      summary,
      abort: new AbortController(),
      ended: Promise.resolve(summary),
    };
    this.#running.set(target.id, running);
    try {
      const { progress: _, ...rest } = summary;
      await this.#records.insert({ ...rest, siteId: target.siteId, findings: [], unjudged: [], passed: [] });
    } catch (error) {
      this.#running.delete(target.id);
      throw error;
    }
    const tell = (audit: AuditSummary): void => this.#parts.hub.emit('auditing', { siteId: target.siteId, audit });
    tell(summary);
    running.ended = this.#work(target, running).finally(() => this.#running.delete(target.id));
    // Whoever hears of the end may ask, and is answered as of then.
    void running.ended.then(tell);
    return summary;
  }

  /** Resolves with the audit of the target that runs now, when it has ended. */
  ended(targetId: string): Promise<AuditSummary> | undefined {
    return this.#running.get(targetId)?.ended;
  }

  /** Those of a site that run now, with how far they are. */
  running(siteId: string): AuditSummary[] {
    return [...this.#running.values()].filter((each) => each.siteId === siteId).map(({ summary }) => summary);
  }

  isRunning(targetId: string): boolean {
    return this.#running.has(targetId);
  }

  cancel(auditId: string, by: string): void {
    for (const { summary, abort } of this.#running.values())
      if (summary.id === auditId) abort.abort(new Problem('conflict', `Cancelled by ${by}`));
  }

  async stop(): Promise<void> {
    const all = [...this.#running.values()];
    for (const { abort } of all) abort.abort(new Problem('conflict', 'The appliance was stopped'));
    await Promise.all(all.map(({ ended }) => ended));
  }

  async #work(target: TargetRecord, running: Running): Promise<AuditSummary> {
    const { signal } = running.abort;
    try {
      return await this.#places.run(signal, async () => this.#take(target, running, await this.#read(target, running)));
    } catch (error) {
      return this.#fail(target, running, error);
    }
  }

  async #read(target: TargetRecord, running: Running) {
    const nonce = randomBytes(16).toString('hex');
    const { kind } = running.summary;
    const { signal } = running.abort;
    const output =
      target.via === 'agent'
        ? await this.#parts.askAgent(target.hostId ?? '', { kind, nonce, signal })
        : await this.#overSsh(target, running, nonce);
    return readSections(output, nonce);
  }

  async #overSsh(target: TargetRecord, running: Running, nonce: string): Promise<Buffer> {
    const { kind } = running.summary;
    const { signal } = running.abort;
    const onSection = (section: string): void => this.#progress(running, section);
    const { output, cut } = await readOverSsh(target, this.#parts, { kind, nonce, signal, onSection });
    if (cut) running.summary = { ...running.summary, problem: cut.message, code: cut.code };
    return output;
  }

  #progress(running: Running, section: string): void {
    const { progress, kind } = running.summary;
    const done = sectionsOf(kind).indexOf(section);
    // A slow section is told of before the block that ends in front of it has come.
    if (!progress || done < progress.done) return;
    running.summary = { ...running.summary, progress: { ...progress, done, section } };
    this.#parts.hub.emit('auditing', { siteId: running.siteId, audit: running.summary });
  }

  async #take(
    target: TargetRecord,
    { summary, abort }: Running,
    { sections, isWhole }: ReturnType<typeof readSections>,
  ): Promise<AuditSummary> {
    abort.signal.throwIfAborted();
    const { now, waivers } = this.#parts;
    const facts = parseFacts(sections);
    if (!facts.system)
      throw new SshError(
        'not-ssh',
        summary.problem ?? 'The host answered something else than the script: it may have no POSIX shell',
      );
    const previous = await this.#factsBefore(target.id);
    const judged = judgeAll(facts, { now: now(), previous });
    const findings = withWaivers(judged.findings, await waivers.of(target.id), now());
    const score = scoreOf({ findings, passed: judged.passed });
    const { progress: _, ...rest } = summary;
    const ended: AuditSummary = {
      ...rest,
      ...{ endedAt: now(), state: isWhole ? 'done' : 'partial', counts: countsOf(findings) },
      ...(!isWhole && { problem: summary.problem ?? 'It came back without its end: what is missing was not judged' }),
      ...(score !== undefined && { score }),
      ...(facts.os && { os: facts.os.name.slice(0, 200) }),
    };
    const record = { ...ended, siteId: target.siteId, ...judged, findings, facts: await pack(facts) };
    await this.#keep(record);
    await this.#settle(target, ended);
    if (isWhole) this.#parts.hub.emit('fact', criticalFact(target, findings, now()));
    return ended;
  }

  async #fail(target: TargetRecord, { summary, abort }: Running, error: unknown): Promise<AuditSummary> {
    const { now, log } = this.#parts;
    const isKnown = error instanceof SshError || error instanceof Problem;
    if (!isKnown) log.error({ err: error, target: target.id }, 'an audit failed');
    const { progress: _, ...rest } = summary;
    const ended: AuditSummary = {
      ...rest,
      ...{
        endedAt: now(),
        state: 'failed',
        problem: (error instanceof Error ? error.message : String(error)).slice(0, 500),
      },
      ...(error instanceof SshError && { code: error.code }),
    };
    try {
      await this.#keep({ ...ended, siteId: target.siteId, findings: [], unjudged: [], passed: [] });
      // Who calls an audit off has learnt nothing of the host.
      if (!abort.signal.aborted) await this.#settle(target, ended);
    } catch (failure) {
      log.error({ err: failure, target: target.id }, 'an audit could not be kept');
    }
    return ended;
  }

  async #keep(record: Omit<AuditRecord, 'rev'>): Promise<void> {
    this.#last.set(record.targetId, { ...record, rev: 0 });
    await this.#records.update(record);
    const all = await this.#records.find({ targetId: record.targetId }, { sort: { by: 'id', order: 'down' } });
    for (const { facts, ...old } of all.filter(({ facts }) => facts !== undefined).slice(KEPT_FACTS))
      await this.#records.update(old);
  }

  /** Counts failures in a row, and tells of the third; one that went well ends it. */
  async #settle(target: TargetRecord, ended: AuditSummary): Promise<void> {
    const { targets, hub, now } = this.#parts;
    const isFailed = ended.state === 'failed';
    if (!targets.get(target.id) || (!isFailed && target.failures === 0)) return;
    const { failures } = await targets.change(target.id, (each) => ({
      ...each,
      failures: isFailed ? each.failures + 1 : 0,
    }));
    for (const fact of connectionFacts(target, ended, { failures, at: now() })) hub.emit('fact', fact);
  }

  async #factsBefore(targetId: string): Promise<Facts | undefined> {
    const all = await this.#records.find({ targetId }, { sort: { by: 'id', order: 'down' } });
    return unpack(all.find(({ facts, state }) => facts !== undefined && state === 'done')?.facts);
  }

  /** The audit that runs, or the last that has ended. */
  lastOf(targetId: string): AuditSummary | undefined {
    const running = this.#running.get(targetId)?.summary;
    const last = this.#last.get(targetId);
    return running ?? (last && asSummary(last));
  }

  /** Findings of the last audit of each target that was not a failure. */
  async lastFindings(siteId: string): Promise<AuditRecord[]> {
    const found = new Map<string, AuditRecord>();
    for (const record of await this.#records.find({ siteId }, { sort: { by: 'id', order: 'up' } }))
      if (record.state === 'done' || record.state === 'partial') found.set(record.targetId, record);
    const { waivers, targets, now } = this.#parts;
    const living = [...found.values()].filter(({ targetId }) => targets.get(targetId));
    return Promise.all(
      living.map(async (record) => ({
        ...record,
        findings: withWaivers(record.findings, await waivers.of(record.targetId), now()),
      })),
    );
  }

  /** Newest first. */
  async list(siteId: string, targetId?: string): Promise<AuditSummary[]> {
    const records = await this.#records.find(
      { siteId, ...(targetId !== undefined && { targetId }) },
      { sort: { by: 'id', order: 'down' } },
    );
    return records.map((record) => this.#summary(record));
  }

  #summary(record: AuditRecord): AuditSummary {
    const running = this.#running.get(record.targetId)?.summary;
    return running?.id === record.id ? running : asSummary(record);
  }

  /** Fails with `not-found` also for an audit of another site. */
  async need(siteId: string, id: string): Promise<AuditRecord> {
    const record = await this.#records.get(id);
    if (record?.siteId !== siteId) throw new Problem('not-found', 'There is no such audit');
    return record;
  }

  async factsOf(record: AuditRecord): Promise<Facts | undefined> {
    return unpack(record.facts);
  }

  /** The last audit of a target is seen with the waivers of now, an older one with those of its time. */
  async detail(siteId: string, id: string): Promise<AuditDetail> {
    const record = await this.need(siteId, id);
    const facts = await unpack(record.facts);
    const others = await this.#records.find({ targetId: record.targetId }, { sort: { by: 'id', order: 'down' } });
    const ended = others.filter(({ state }) => state === 'done' || state === 'partial');
    const previous = ended.find((each) => each.id < id);
    const isLast = ended[0]?.id === id;
    const { waivers, now } = this.#parts;
    const findings = isLast ? withWaivers(record.findings, await waivers.of(record.targetId), now()) : record.findings;
    const score = scoreOf({ findings, passed: record.passed });
    const audit = {
      ...this.#summary(record),
      ...(isLast && { counts: countsOf(findings), ...(score !== undefined && { score }) }),
    };
    const passed = record.passed.map((checkId) => ({ checkId, title: titleOf(checkId) }));
    return {
      ...{ audit, findings, unjudged: record.unjudged, passed },
      ...(facts && { facts: facts as AuditFacts }),
      ...(previous && { previousId: previous.id }),
    };
  }

  async forgetTarget(targetId: string): Promise<void> {
    this.#running.get(targetId)?.abort.abort(new Problem('conflict', 'The target was removed'));
    await this.#running.get(targetId)?.ended;
    this.#last.delete(targetId);
    for (const { id } of await this.#records.find({ targetId })) await this.#records.remove(id);
  }

  /** Drops audits that ended before `before`, but for the last of each target; says how many. */
  async prune(before: number): Promise<number> {
    let dropped = 0;
    for (const { id, endedAt = Number.POSITIVE_INFINITY, targetId } of await this.#records.find())
      if (endedAt < before && this.#last.get(targetId)?.id !== id && (await this.#records.remove(id))) dropped++;
    return dropped;
  }
}

export const titleOf = (checkId: string): string => checks.find(({ id }) => id === checkId)?.title ?? checkId;

export const asSummary = ({
  siteId: _,
  rev: __,
  findings: ___,
  unjudged: ____,
  passed: _____,
  facts: ______,
  ...summary
}: AuditRecord): AuditSummary => summary;
