import { html } from 'lit';
import type { Rule } from '../../protocol/alerts.ts';
import { live } from '../live/live.ts';
import { msg, plural } from '../msg.ts';
import '../parts/menu.ts';
import '../parts/state-icon.ts';
import '../parts/switch.ts';
import type { Column } from '../parts/table-rows.ts';
import { SEVERITIES, severityLevel, severityWord } from '../severity.ts';
import { changesText, hostsText, ruleText } from './words.ts';

export interface RuleActions {
  /** Whether the person may change rules. */
  mayChange: boolean;
  /** Open alerts by rule. */
  open: ReadonlyMap<string, number>;
  /** Rules whose switch waits for an answer. */
  busy: ReadonlySet<string>;
  turn(rule: Rule, isOn: boolean): void;
  choose(rule: Rule, action: string): void;
}

/** Words that the search looks into. */
export const ruleWords = (rule: Rule): string =>
  [rule.title, rule.metric ?? '', severityWord(rule.severity), ...rule.hosts.tags, ...changesText(rule)].join(' ');

export function ruleColumns(actions: RuleActions): Column<Rule>[] {
  return [
    {
      id: 'on',
      title: msg('On'),
      sortBy: ({ isEnabled }) => Number(!isEnabled),
      cell: (rule) => onCell(rule, actions),
    },
    { id: 'title', title: msg('Rule'), isHeading: true, sortBy: ({ title }) => title, cell: titleCell },
    {
      id: 'severity',
      title: msg('Severity'),
      sortBy: ({ severity }) => SEVERITIES.indexOf(severity),
      cell: ({ severity }) =>
        html`<reeve-state level=${severityLevel(severity)} word=${severityWord(severity)}></reeve-state>`,
    },
    {
      id: 'hosts',
      title: msg('Hosts'),
      sortBy: (rule) => hostsOf(rule),
      cell: (rule) => hostsOf(rule),
    },
    {
      id: 'changes',
      title: msg('Changes'),
      sortBy: (rule) => changesText(rule).join(' ') || undefined,
      cell: (rule) => html`<span class="quiet">${changesText(rule).join(', ') || msg('as it came')}</span>`,
    },
    {
      id: 'open',
      title: msg('Open alerts'),
      align: 'end',
      sortBy: ({ id }) => -(actions.open.get(id) ?? 0),
      cell: ({ id }) => actions.open.get(id) ?? html`<span class="quiet">0</span>`,
    },
    ...(actions.mayChange
      ? [{ id: 'actions', title: msg('Actions'), cell: (rule: Rule) => menuCell(rule, actions) }]
      : []),
  ];
}

const hostsOf = ({ hosts }: Rule): string => hostsText(hosts, (id) => live().fleet.get(id)?.name);

function onCell(rule: Rule, { mayChange, busy, turn }: RuleActions) {
  if (!mayChange) return rule.isEnabled ? msg('On') : html`<span class="quiet">${msg('Off')}</span>`;
  return html`<reeve-switch
    label=${msg('{rule} is on', { rule: rule.title })}
    ?on=${rule.isEnabled}
    ?busy=${busy.has(rule.id)}
    @change=${({ detail }: CustomEvent<{ on: boolean }>) => turn(rule, detail.on)}
  ></reeve-switch>`;
}

const titleCell = (rule: Rule) => html`<span class="two-lines"
  ><a href="/rules/${rule.id}">${rule.title}</a>
  <small class="quiet">${ruleText(rule, live().descriptors.get(rule.metric ?? ''))}</small></span
>`;

/** What can be done with a rule; a built-in one cannot be removed, only be as it came again. */
export function actionsOf({ isBuiltIn, changed, overrides }: Rule) {
  const isChanged = changed.length > 0 || overrides.length > 0;
  return [
    { id: 'edit', title: msg('Edit…') },
    { id: 'copy', title: msg('Make another one like it…') },
    ...(isBuiltIn && isChanged ? [{ id: 'reset', title: msg('Reset to how it came…') }] : []),
    ...(isBuiltIn ? [] : [{ id: 'remove', title: msg('Remove…'), isDanger: true }]),
  ];
}

const menuCell = (rule: Rule, { choose }: RuleActions) => html`<reeve-menu
  label=${msg('Actions for {name}', { name: rule.title })}
  .items=${actionsOf(rule)}
  @choose=${({ detail }: CustomEvent<{ id: string }>) => choose(rule, detail.id)}
></reeve-menu>`;

/** What will be lost with a rule, or with its changes. */
export function removalLines({ isBuiltIn, changed, overrides }: Rule, open: number): string[] {
  const lost = [
    ...(isBuiltIn && changed.length > 0 ? [msg('What this site changed of it.')] : []),
    ...(isBuiltIn ? [] : [msg('The rule itself; alerts that are over stay in the history.')]),
    ...(overrides.length > 0
      ? [
          plural(overrides.length, {
            one: '{count} override for some hosts.',
            other: '{count} overrides for some hosts.',
          }),
        ]
      : []),
  ];
  const ends = isBuiltIn
    ? []
    : [plural(open, { one: '{count} open alert of it ends.', other: '{count} open alerts of it end.' })];
  return [...lost, ...(open > 0 ? ends : [])];
}
