import { html, nothing } from 'lit';
import { msg } from '../msg.ts';
import type { Level } from '../parts/levels.ts';
import '../parts/menu.ts';
import '../parts/state-icon.ts';
import '../parts/switch.ts';
import type { Column } from '../parts/table-rows.ts';
import type { ResponseOf } from '../rest.ts';
import type { Plan } from './plan-dialog.ts';
import type { Known } from './plan-form.ts';
import { matchText, scheduleText, spanWords } from './words.ts';

export type Silence = ResponseOf<'GET /api/v1/silences'>['items'][number];

interface Acting<Row> {
  known: Known;
  mayChange: boolean;
  choose(row: Row, action: string): void;
}

interface Menu<Row> {
  name: string;
  items: readonly { id: string; title: string; isDanger?: boolean }[];
  choose: Acting<Row>['choose'];
}

const menu = <Row>(row: Row, { name, items, choose }: Menu<Row>) => html`<reeve-menu
  label=${msg('Actions for {name}', { name })}
  .items=${items}
  @choose=${({ detail }: CustomEvent<{ id: string }>) => choose(row, detail.id)}
></reeve-menu>`;

/** Maintenance windows; `turn` switches one on or off. */
export function planColumns({
  known,
  mayChange,
  choose,
  turn,
}: Acting<Plan> & { turn(plan: Plan, isOn: boolean): void }): Column<Plan>[] {
  return [
    {
      id: 'title',
      title: msg('Maintenance'),
      isHeading: true,
      sortBy: ({ title }) => title,
      cell: ({ title, reason }) => html`<span class="two-lines">${title}<small class="quiet">${reason}</small></span>`,
    },
    {
      id: 'on',
      title: msg('On'),
      cell: (plan) =>
        mayChange
          ? html`<reeve-switch
            label=${msg('{name} is on', { name: plan.title })}
            ?on=${plan.isEnabled}
            @change=${({ detail }: CustomEvent<{ on: boolean }>) => turn(plan, detail.on)}
          ></reeve-switch>`
          : plan.isEnabled
            ? msg('On')
            : html`<span class="quiet">${msg('Off')}</span>`,
    },
    { id: 'when', title: msg('When'), cell: ({ schedule, timeZone }) => scheduleText(schedule, timeZone) },
    { id: 'match', title: msg('About'), cell: ({ match }) => matchText(match, known) },
    {
      id: 'next',
      title: msg('Now and next'),
      sortBy: ({ now, next }) => now?.from ?? next[0]?.from,
      cell: (plan) => nextCell(plan),
    },
    ...(mayChange
      ? [
          {
            id: 'actions',
            title: msg('Actions'),
            cell: (plan: Plan) =>
              menu(plan, {
                name: plan.title,
                items: [
                  { id: 'edit', title: msg('Change…') },
                  { id: 'remove', title: msg('Remove…'), isDanger: true },
                ],
                choose,
              }),
          },
        ]
      : []),
  ];
}

function nextCell({ now, next, schedule, isEnabled }: Plan) {
  const [first] = next;
  if (!isEnabled && !now) return html`<span class="quiet">${msg('off')}</span>`;
  if (!now && !first)
    return html`<span class="quiet">${schedule.kind === 'once' ? msg('over') : msg('never again')}</span>`;
  return html`<span class="two-lines"
    >${now ? html`<reeve-state level="low" word=${msg('under way, {span}', { span: spanWords(now) })}></reeve-state>` : nothing}
    ${first ? html`<span>${spanWords(first)}</span>` : nothing}
    ${next.slice(1).map((span) => html`<small class="quiet">${spanWords(span)}</small>`)}</span
  >`;
}

const LEVELS: Record<Silence['state'], Level> = { upcoming: 'unknown', active: 'low', over: 'unknown' };

function silenceWord(state: Silence['state']): string {
  return { upcoming: msg('to come'), active: msg('active'), over: msg('over') }[state];
}

/** Silences, those that are over included. */
export function silenceColumns({ known, mayChange, choose }: Acting<Silence>): Column<Silence>[] {
  return [
    {
      id: 'reason',
      title: msg('Reason'),
      isHeading: true,
      sortBy: ({ reason }) => reason,
      cell: ({ reason }) => reason,
    },
    {
      id: 'state',
      title: msg('State'),
      sortBy: ({ state }) => ['active', 'upcoming', 'over'].indexOf(state),
      cell: ({ state, endedBy }) =>
        html`<span class="two-lines"
          ><reeve-state level=${LEVELS[state]} word=${silenceWord(state)}></reeve-state>
          ${endedBy ? html`<small class="quiet">${msg('ended by {name}', { name: endedBy })}</small>` : nothing}</span
        >`,
    },
    { id: 'match', title: msg('About'), cell: ({ match }) => matchText(match, known) },
    {
      id: 'when',
      title: msg('When'),
      sortBy: ({ startsAt }) => startsAt,
      cell: ({ startsAt, endsAt }) => spanWords({ from: startsAt, to: endsAt }),
    },
    { id: 'by', title: msg('By'), sortBy: ({ by }) => by, cell: ({ by }) => by },
    ...(mayChange
      ? [
          {
            id: 'actions',
            title: msg('Actions'),
            cell: (silence: Silence) =>
              menu(silence, {
                name: silence.reason,
                items: [
                  ...(silence.state === 'over' ? [] : [{ id: 'edit', title: msg('Change…') }]),
                  ...(silence.state === 'active' ? [{ id: 'end', title: msg('End now') }] : []),
                  { id: 'remove', title: msg('Remove…'), isDanger: true },
                ],
                choose,
              }),
          },
        ]
      : []),
  ];
}
