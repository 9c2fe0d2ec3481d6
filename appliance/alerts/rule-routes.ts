import { z } from 'zod';
import type { RuleFields, RuleOverride } from '../../protocol/alerts.ts';
import type { Host } from '../../protocol/hosts.ts';
import type { LiveSeries } from '../../protocol/live.ts';
import {
  applyPreset,
  createRule,
  editRule,
  hostRules,
  listConditions,
  listPresets,
  listRules,
  previewRule,
  readRule,
  removeRule,
} from '../../protocol/routes/alert-rules.ts';
import { pageOf } from '../paging.ts';
import { Problem } from '../problem.ts';
import type { Routes } from '../serve.ts';
import type { Session } from '../session.ts';
import type { Alerts, AlertsParts } from './alerts.ts';
import { conditions } from './conditions/index.ts';
import { checksOf } from './judging/checks.ts';
import { Previews } from './preview/preview.ts';
import { showOf } from './reasons.ts';
import { openCondition } from './rules/check.ts';
import { effectiveOf, isAbout, type KnownRule } from './rules/effective.ts';
import { presets } from './rules/presets.ts';
import { asRule } from './rules/rules.ts';

export interface RuleRouteParts extends Pick<AlertsParts, 'now' | 'describe' | 'query'> {
  seriesOf(hostId: string): readonly LiveSeries[];
  alerts: Alerts;
  hostsOf(session: Session): Host[];
  visible(session: Session, hostId: string): Host;
  pause(): Promise<void>;
}

const DAY_MS = 86_400_000;

const conditionForms = conditions.map(({ id, title, input, settings }) => ({
  id,
  title,
  input,
  form: z.toJSONSchema(settings, { io: 'input' }) as Record<string, unknown>,
}));

type Given = { [K in keyof RuleFields]?: RuleFields[K] | null | undefined };

/** Fields of a change that were really sent: absent ones are left as they are. */
const given = (fields: Given): Partial<RuleFields> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  ) as Partial<RuleFields>;

/** Fields that are to go. */
const taken = ({ metric, remedy }: Given): ('metric' | 'remedy')[] => [
  ...(metric === null ? (['metric'] as const) : []),
  ...(remedy === null ? (['remedy'] as const) : []),
];

/** Rules, what they would have done, conditions and presets. */
export function serveRules(routes: Routes, parts: RuleRouteParts): void {
  const { alerts, describe, visible } = parts;
  const { rules } = alerts;
  const shown = (siteId: string, rule: KnownRule) => asRule(rule, showOf(describe(siteId, rule.fields.metric ?? '')));

  routes.serve(listRules, ({ session: { siteId }, query: { cursor, limit } }) => {
    const all = rules.list(siteId).map((rule) => shown(siteId, rule));
    const from = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
    if (cursor !== undefined && from === 0) return pageOf([], { limit }, () => '');
    const items = all.slice(from, from + limit);
    const last = items.at(-1);
    return { items, ...(last && from + limit < all.length && { next: last.id }) };
  });

  routes.serve(readRule, ({ session: { siteId }, params, setHeader }) => {
    const rule = rules.get(siteId, params.ruleId);
    setHeader('etag', `"${rule.rev}"`);
    return shown(siteId, rule);
  });

  routes.serve(createRule, async ({ session, body, note }) => {
    checkHosts(hostsNamed(body), (hostId) => visible(session, hostId));
    const rule = await rules.create(session, body);
    note({ detail: { ruleId: rule.id }, after: rule.fields });
    return shown(session.siteId, rule);
  });

  routes.serve(editRule, async ({ session, params, body: { rev, overrides, ...fields }, note }) => {
    const before = rules.get(session.siteId, params.ruleId);
    const changes = { rev, fields: given(fields), taken: taken(fields), ...(overrides && { overrides }) };
    const known = hostsNamed({ ...before.fields, overrides: before.overrides });
    const added = hostsNamed({ ...changes.fields, overrides }).filter((hostId) => !known.includes(hostId));
    checkHosts(added, (hostId) => visible(session, hostId));
    const after = await rules.edit(session, params.ruleId, changes);
    note({ before: said(before), after: said(after) });
    return shown(session.siteId, after);
  });

  routes.serve(removeRule, async ({ session: { siteId }, params, note }) => {
    note({ before: said(rules.get(siteId, params.ruleId)) });
    await rules.remove(siteId, params.ruleId);
    return null;
  });

  routes.serve(hostRules, ({ session, params }) => {
    const host = visible(session, params.hostId);
    return rules
      .list(host.siteId)
      .filter((rule) => isAbout(rule, host))
      .map((rule) => {
        const { fields, origins } = effectiveOf(rule, host);
        const { title, severity, isEnabled, condition, forMs, share, clearForMs, metric = '' } = fields;
        const says = openCondition(fields).opened.says(showOf(describe(host.siteId, metric)));
        return { ruleId: rule.id, title, severity, isEnabled, condition, forMs, share, clearForMs, says, origins };
      });
  });

  routes.serve(listConditions, () => conditionForms);
  serveTrials(routes, parts);
}

/** Ids of the hosts that a rule or a change of one names. */
const hostsNamed = ({
  hosts,
  overrides = [],
}: {
  hosts?: RuleFields['hosts'];
  overrides?: readonly RuleOverride[] | undefined;
}): string[] => [...(hosts?.hostIds ?? []), ...overrides.flatMap(({ hostId }) => hostId ?? [])];

/** A rule names hosts of its own site only; one of another site is as absent as one that never was. */
function checkHosts(hostIds: readonly string[], visible: (hostId: string) => Host): void {
  for (const hostId of hostIds) visible(hostId);
}

const said = ({ fields, overrides }: KnownRule) => ({ ...fields, overrides });

function serveTrials(routes: Routes, parts: RuleRouteParts): void {
  const { alerts, now, hostsOf, visible } = parts;
  const previews = new Previews(parts);

  routes.serve(previewRule, async ({ session, body: { days, overrides, ...fields }, signal }) => {
    checkHosts(hostsNamed({ ...fields, overrides }), (hostId) => visible(session, hostId));
    openCondition(fields); // A rule that cannot be is refused before any host is looked at.
    const rule: KnownRule = { id: 'preview', rev: 0, isBuiltIn: false, fields, changed: [], overrides };
    const refuse = (_rule: KnownRule, error: unknown): never => {
      throw error;
    };
    const subjects = hostsOf(session).flatMap((host) =>
      checksOf([{ ...rule, fields: { ...fields, isEnabled: true } }], host, refuse).map((check) => ({ host, check })),
    );
    const to = now();
    const from = to - days * DAY_MS;
    return { from, to, ...(await previews.of({ subjects, from, to, signal })) };
  });

  routes.serve(listPresets, () =>
    presets.map(({ id, title, text, rules, replaces, mail }) => ({
      id,
      title,
      text,
      rules: rules.map((rule) => rule.title),
      replaces: [...replaces],
      mail: [...mail],
    })),
  );

  routes.serve(applyPreset, async ({ session, params, body: { tag }, note }) => {
    const preset = presets.find(({ id }) => id === params.preset);
    if (!preset) throw new Problem('not-found', 'There is no such preset');
    const applied = await alerts.rules.apply(session, preset, tag);
    note({ detail: { tag } });
    const { siteId } = session;
    return applied.map((rule) => asRule(rule, showOf(parts.describe(siteId, rule.fields.metric ?? ''))));
  });
}
