import { html, LitElement, nothing } from 'lit';
import { live } from '../live/live.ts';
import { msg } from '../msg.ts';
import '../parts/menu.ts';
import { base } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { call } from '../rest.ts';
import { router } from '../router.ts';
import { may } from '../session.ts';
import { dayText, minuteTime } from '../times.ts';

const HOUR_MS = 3_600_000;
const SPANS: Readonly<Record<string, number>> = { '1h': HOUR_MS, '8h': 8 * HOUR_MS };

/** `<reeve-silence-menu host-id="…" name="nas01">`: keeps the alerts of a host quiet for a while; for operators. */
export class ReeveSilenceMenu extends LitElement {
  static override properties = { hostId: { type: String, attribute: 'host-id' }, name: { type: String } };
  declare hostId: string;
  declare name: string;

  static override styles = [base];

  constructor() {
    super();
    this.hostId = '';
    this.name = '';
  }

  override render() {
    if (!may('operator')) return nothing;
    return html`<reeve-menu
      label=${msg('Silence {name}', { name: this.name })}
      .items=${[
        { id: '1h', title: msg('For 1 h') },
        { id: '8h', title: msg('For 8 h') },
        { id: 'until', title: msg('Until…') },
      ]}
      @choose=${({ detail }: CustomEvent<{ id: string }>) => void this.#choose(detail.id)}
      >${msg('Silence')} <span aria-hidden="true">▾</span></reeve-menu
    >`;
  }

  async #choose(id: string): Promise<void> {
    const spanMs = SPANS[id];
    if (spanMs === undefined) {
      router.go(`/maintenance?silence=${this.hostId}`);
      return;
    }
    const match = { hostIds: [this.hostId], tags: [], ruleIds: [], severities: [] };
    const reason = msg('{name} is being looked after', { name: this.name });
    await tried(async () => {
      const body = { reason, match, endsAt: live().fleet.now() + spanMs };
      const { id: silenceId, endsAt } = await call('POST /api/v1/silences', { body });
      const end = `${dayText(endsAt)} ${minuteTime(endsAt)}`;
      toast({
        text: msg('{name} is silent until {end}', { name: this.name, end }),
        undo: () => void takeBack(silenceId),
      });
    });
  }
}
customElements.define('reeve-silence-menu', ReeveSilenceMenu);

async function takeBack(silenceId: string): Promise<void> {
  await tried(() => call('DELETE /api/v1/silences/:silenceId', { params: { silenceId } }));
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-silence-menu': ReeveSilenceMenu;
  }
}
