import { css, html, LitElement, nothing } from 'lit';
import type { JobRun } from '../../protocol/jobs.ts';
import '../jobs/run.ts';
import { live } from '../live/live.ts';
import { msg, plural } from '../msg.ts';
import { allOf } from '../paging.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { Hearing } from '../parts/hearing.ts';
import '../parts/notice.ts';
import { lineStyles, progressLine } from '../parts/progress-line.ts';
import { Reading } from '../parts/reading.ts';
import { base, buttons } from '../parts/styles.ts';
import { term, termStyles } from '../parts/terms.ts';
import { type Sent, Upload } from '../parts/upload.ts';
import { call } from '../rest.ts';
import type { Section } from '../settings/extras.ts';
import '../settings/section.ts';
import { askAddress, askName, askPowerOff, askReset, askRestart, askSsh, type Hands } from './machine-asks.ts';
import {
  boardText,
  type Image,
  isBusy,
  type Machine,
  orderText,
  otherText,
  programsText,
  takenName,
} from './machine-texts.ts';
import { sendPieces } from './send-pieces.ts';

/** An update is told each second or so by the system of the image. */
const REFRESH_MS = 2_000;
const PROGRAMS_REFRESH_MS = 10_000;

/** `<reeve-machine>`: the machine of a flashed appliance: name, SSH, update, restart, factory reset; nothing elsewhere. */
export class ReeveMachine extends LitElement {
  static override properties = { _run: { state: true } };
  declare _run: JobRun | undefined;
  readonly #machine = new Reading<Machine>(this, () => call('GET /api/v1/machine'), { everyMs: REFRESH_MS });
  /** Executables of the agent that are handed out: more in the minutes after a start, and after others were brought. */
  readonly #programs = new Reading<string[]>(this, readPrograms, { everyMs: PROGRAMS_REFRESH_MS });
  readonly #section = new Reading<Section | undefined>(this, readSection);
  readonly #dialogs = new Dialogs(this);
  readonly #upload = new Upload(this, (file, sent) => this.#bring(file, sent));
  readonly #hands: Hands = {
    set: (machine) => this.#machine.set(machine),
    ran: (run) => {
      this._run = run;
    },
  };

  static override styles = [
    base,
    buttons,
    lineStyles,
    termStyles,
    css`
      :host {
        display: grid;
        gap: 16px;
        min-width: 0;
      }
      :host([hidden]) {
        display: none;
      }
    `,
  ];

  constructor() {
    super();
    new Hearing(this, () =>
      live().connection.on('job', (run) => {
        if (run.jobId !== 'update') return;
        this._run = run;
        if (run.state !== 'running') void this.#programs.load();
      }),
    );
  }

  override render() {
    const machine = this.#machine.value;
    const image = machine?.image;
    this.hidden = !image;
    if (!machine || !image) return nothing;
    return html`<h2>${msg('This machine')}</h2>
      ${this.#notices(machine, image)} ${this.#facts(machine, image)} ${this.#progress(machine)}
      <div class="line">
        <button type="button" @click=${() => this.renderRoot.querySelector('input')?.click()} ?disabled=${isBusy(machine)}>${msg('Update from a file…')}</button>
        <button type="button" @click=${() => this.#dialogs.fill(askAddress(this.#hands))} ?disabled=${isBusy(machine)}>${msg('Update from an address…')}</button>
        <input type="file" accept=".update" hidden @change=${this.#upload.bring} />
        <button type="button" @click=${() => this.#dialogs.fill(askName(machine, this.#hands))}>${msg('Host name…')}</button>
        <button type="button" @click=${() => this.#dialogs.fill(askSsh(machine, this.#hands))}>${msg('SSH…')}</button>
        <button type="button" @click=${() => this.#dialogs.confirm(askRestart(this.#hands))}>${msg('Restart…')}</button>
        <button type="button" @click=${() => this.#dialogs.confirm(askPowerOff(this.#hands))}>${msg('Switch off…')}</button>
        <button type="button" class="danger" @click=${() => this.#dialogs.confirm(askReset(machine, this.#hands))}>${msg('Factory reset…')}</button>
      </div>
      ${this.#section.value ? html`<reeve-settings-section .section=${this.#section.value}></reeve-settings-section>` : nothing}
      ${this.#dialogs.render()}`;
  }

  #notices({ update }: Machine, { version, returnedFrom }: Image) {
    const returned =
      returnedFrom === null
        ? nothing
        : html`<reeve-notice kind="warning" heading=${msg('Went back to version {version}', { version })}>
            <p>${msg('Version {failed} did not become healthy, so the machine started the one before it again. Nothing of the data was lost. Install a newer version, or this one again.', { failed: returnedFrom })}</p>
          </reeve-notice>`;
    if (update?.state !== 'refused') return returned;
    return html`${returned}<reeve-notice kind="error" heading=${msg('The update was refused')}>
        <p>${update.reason ?? msg('No reason was given.')}</p>
        <p>${msg('Nothing was changed. Get the update again, or another one.')}</p>
      </reeve-notice>`;
  }

  #facts(machine: Machine, { version, board, slot, other }: Image) {
    const { network, ssh, pending } = machine;
    const keys = plural(ssh.keys.length, { one: '{count} key', other: '{count} keys' });
    return html`<dl>
      ${term(msg('System'), html`${version} <span class="quiet">${msg('{board}, slot {slot}', { board: boardText(board), slot })}</span>`)}
      ${term(msg('Other slot'), other.version === null ? otherText(other.state) : `${other.version}, ${otherText(other.state)}`)}
      ${term(msg('Host name'), network?.hostname ?? '–')}
      ${term(msg('Name on the LAN'), nameText(machine))}
      ${term(msg('Addresses'), network && network.addresses.length > 0 ? network.addresses.join(', ') : msg('none'))}
      ${term(msg('SSH'), ssh.enabled ? msg('on, {keys}', { keys }) : msg('off'))}
      ${term(msg('Agents without Node'), programsText({ version, board }, this.#programs.value))}
      ${pending.length > 0 ? term(msg('Waits for the system'), pending.map(orderText).join(', ')) : nothing}
    </dl>`;
  }

  #progress({ update }: Machine) {
    const run = this._run;
    const fetching = run?.state === 'running' ? html`<reeve-run .run=${run}></reeve-run>` : nothing;
    const failed =
      run && run.state !== 'running' && run.text !== '' ? html`<p class="line" role="status">${run.text}</p>` : nothing;
    return html`${this.#upload.render(msg('Sending the update'))} ${fetching} ${failed} ${update && update.state !== 'refused' ? this.#installing(update) : nothing}`;
  }

  #installing({ state, version, done }: NonNullable<Machine['update']>) {
    const words = {
      idle: '',
      checking: msg('Checking version {version}', { version: version ?? '' }),
      writing: msg('Writing version {version} to the other slot', { version: version ?? '' }),
      restarting: msg('Restarting into version {version}; this page comes back by itself', { version: version ?? '' }),
      refused: '',
    }[state];
    return words === '' ? nothing : progressLine(words, done);
  }

  async #bring(file: File, sent: Sent): Promise<void> {
    const { uploadId, pieceBytes } = await call('POST /api/v1/machine/update/uploads');
    await sendPieces({ path: `/api/v1/machine/update/uploads/${uploadId}`, pieceBytes, file, ...sent });
    await Promise.all([this.#machine.load(), this.#programs.load()]);
  }
}
customElements.define('reeve-machine', ReeveMachine);

/** Undefined where the appliance is no flashed image. */
const readSection = (): Promise<Section | undefined> =>
  call('GET /api/v1/settings').then(({ items }) => items.find(({ id }) => id === 'update'));

function nameText({ localName, network }: Machine) {
  if (localName === null) return msg('none answers');
  const name = takenName(localName, network?.hostname);
  return name === undefined
    ? localName
    : html`${localName} <span class="quiet">${msg('another machine has {name}', { name })}</span>`;
}

const readPrograms = (): Promise<string[]> =>
  allOf('GET /api/v1/agents/releases').then((releases) =>
    releases.map(({ program }) => program).filter((program) => program !== 'script'),
  );

declare global {
  interface HTMLElementTagNameMap {
    'reeve-machine': ReeveMachine;
  }
}
