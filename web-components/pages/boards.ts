// Over 250 lines: it is one page with everything that is done with a board; what can stand alone is in boards/.
import { html, LitElement, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Board, BoardText, Panel } from '../../protocol/boards.ts';
import type { FieldProblem } from '../../protocol/problem.ts';
import { fileOf, firstPanels, moved, placeInFile, textOf } from '../boards/arrange.ts';
import { OwnBoards } from '../boards/own-boards.ts';
import { panelTitle } from '../boards/panel.ts';
import '../boards/panel-dialog.ts';
import type { PanelAsk } from '../boards/panel-dialog.ts';
import { boardStyles } from '../boards/styles.ts';
import { fileName, saveFile } from '../charts/save.ts';
import { live } from '../live/live.ts';
import { Follow } from '../live/redraw.ts';
import { msg, plural } from '../msg.ts';
import { Dialogs } from '../parts/dialogs.ts';
import { icon } from '../parts/icons.ts';
import '../parts/menu.ts';
import '../parts/notice.ts';
import { base, buttons, fields } from '../parts/styles.ts';
import { toast } from '../parts/toast.ts';
import { tried } from '../parts/tried.ts';
import { chosenFile } from '../parts/upload.ts';
import { ApiProblem, problemText } from '../rest.ts';
import { router } from '../router.ts';
import { setTitle } from './page.ts';

/** Panels keep what they have drawn while they move. */
const keys = new WeakMap<Panel, number>();
let lastKey = 0;
function keyOf(panel: Panel): number {
  const known = keys.get(panel);
  if (known !== undefined) return known;
  lastKey += 1;
  keys.set(panel, lastKey);
  return lastKey;
}

const nameForm = () => ({
  properties: { name: { type: 'string', title: msg('Name'), maxLength: 64 } },
  required: ['name'],
});

/** The boards that a person arranged for themselves: shown, arranged, saved as files and brought from them. */
export class ReeveBoardsPage extends LitElement {
  static override properties = {
    params: { attribute: false },
    _isArranging: { state: true },
    _asked: { state: true },
    _wrong: { state: true },
    _said: { state: true },
  };
  declare params: Record<string, string>;
  declare _isArranging: boolean;
  declare _asked: PanelAsk | undefined;
  /** What is wrong with the file that was brought. */
  declare _wrong: readonly FieldProblem[];
  /** Where a panel went, for screen readers. */
  declare _said: string;
  readonly #boards = new OwnBoards(this);
  readonly #dialogs = new Dialogs(this);
  /** The board that a chosen file takes the place of; undefined makes a new one. */
  #place: string | undefined;

  static override styles = [base, buttons, fields, boardStyles];

  constructor() {
    super();
    this.params = {};
    this._isArranging = false;
    this._wrong = [];
    this._said = '';
    new Follow(this, () => [live().fleet]);
  }

  override render() {
    const words = { failed: msg('The boards could not be read'), loading: msg('Loading the boards'), isPage: true };
    return html`${this.#boards.reading.view(words, (boards) => this.#page(boards))}
      <input type="file" accept=".json,application/json" hidden aria-label=${msg('File of a board')} @change=${this.#bring} />
      <reeve-panel-dialog .ask=${this._asked} @close=${this.#closed}></reeve-panel-dialog>
      ${this.#dialogs.render()}
      <p class="for-readers" role="status">${this._said}</p>`;
  }

  #page(boards: readonly Board[]) {
    const board = this.#boards.get(this.params.boardId);
    if (board) return this.#board(board, boards);
    if (boards.length > 0)
      return html`<reeve-notice page kind="empty" heading=${msg('There is no such board')}>
        <p>${msg('It was removed, or it belongs to another site.')}</p>
        <a href="/boards">${msg('Go to the first board')}</a>
      </reeve-notice>`;
    return html`<header><h1>${msg('Boards')}</h1></header>
      ${this.#wrongFile()}
      <reeve-notice kind="empty" heading=${msg('No boards yet')}>
        <p>${msg('A board is a page of your own: charts, tiles and lists in the order you like. Only you see it, on every device.')}</p>
        <reeve-action @click=${this.#askNew}>${msg('Make a board')}</reeve-action>
        <reeve-action @click=${() => this.#pick(undefined)}>${msg('Bring a file')}</reeve-action>
      </reeve-notice>`;
  }

  #board(board: Board, boards: readonly Board[]) {
    setTitle(board.name);
    return html`<header>
        <h1>${board.name}</h1>
        ${
          boards.length > 1
            ? html`<select aria-label=${msg('Board')} @change=${(event: Event) => router.go(`/boards/${(event.target as HTMLSelectElement).value}`)}>
              ${boards.map(({ id, name }) => html`<option value=${id} .selected=${id === board.id}>${name}</option>`)}
            </select>`
            : nothing
        }
        <button type="button" aria-pressed=${this._isArranging} @click=${this.#toggle}>${this._isArranging ? msg('Done') : msg('Arrange')}</button>
        ${this._isArranging ? html`<button type="button" class="primary" @click=${() => this.#askPanel(board, undefined)}>${icon('plus')}${msg('Add panel')}</button>` : nothing}
        ${this.#menu(board)}
      </header>
      ${this.#wrongFile()}
      ${
        board.panels.length === 0
          ? html`<reeve-notice kind="empty" heading=${msg('Nothing on this board yet')}>
              <reeve-action @click=${() => this.#askPanel(board, undefined)}>${msg('Add a panel')}</reeve-action>
            </reeve-notice>`
          : html`<div class="grid">${repeat(board.panels, keyOf, (panel, at) => this.#panel(board, panel, at))}</div>`
      }`;
  }

  #menu(board: Board) {
    const acts: Record<string, () => void> = {
      new: () => this.#askNew(),
      rename: () => this.#askRename(board),
      save: () => this.#save(board),
      bring: () => this.#pick(undefined),
      replace: () => this.#pick(board.id),
      remove: () => this.#askRemove(board),
    };
    return html`<reeve-menu
      label=${msg('More for {title}', { title: board.name })}
      .items=${[
        { id: 'new', title: msg('New board…') },
        { id: 'rename', title: msg('Rename…') },
        { id: 'save', title: msg('Save as a file') },
        { id: 'bring', title: msg('Bring a file…') },
        { id: 'replace', title: msg('Put a file in its place…') },
        { id: 'remove', title: msg('Remove…'), isDanger: true },
      ]}
      @choose=${({ detail }: CustomEvent<{ id: string }>) => acts[detail.id]?.()}
    ></reeve-menu>`;
  }

  #panel(board: Board, panel: Panel, at: number) {
    return html`<section class="panel ${panel.width}" aria-label=${panelTitle(panel)}>
      ${this._isArranging ? this.#tools(board, panel, at) : nothing}
      <reeve-panel .panel=${panel} name="p${at + 1}-"></reeve-panel>
    </section>`;
  }

  #tools(board: Board, panel: Panel, at: number) {
    const title = panelTitle(panel);
    const widths = { third: msg('A third'), half: msg('Half'), full: msg('Full') };
    return html`<div class="tools" role="group" aria-label=${msg('Arrange {title}', { title })}>
      <button type="button" data-step="-1" ?disabled=${at === 0} @click=${() => this.#move(board, at, -1)}>${msg('Earlier')}</button>
      <button type="button" data-step="1" ?disabled=${at === board.panels.length - 1} @click=${() => this.#move(board, at, 1)}>${msg('Later')}</button>
      <select aria-label=${msg('Width of {title}', { title })} @change=${(event: Event) => this.#widen(board, at, (event.target as HTMLSelectElement).value as Panel['width'])}>
        ${Object.entries(widths).map(([id, word]) => html`<option value=${id} .selected=${id === panel.width}>${word}</option>`)}
      </select>
      <button type="button" @click=${() => this.#askPanel(board, at)}>${msg('Edit…')}</button>
      <button type="button" @click=${() => this.#takeOff(board, at)}>${msg('Remove')}</button>
    </div>`;
  }

  #toggle(): void {
    this._isArranging = !this._isArranging;
  }

  #change(board: Board, panels: Panel[]): void {
    void tried(() => this.#boards.change(board.id, { panels }));
  }

  #move(board: Board, at: number, step: 1 | -1): void {
    const panel = board.panels[at];
    if (!panel) return;
    this.#change(board, moved(board.panels, at, step));
    const place = { title: panelTitle(panel), place: at + step + 1, all: board.panels.length };
    this._said = msg('{title} is number {place} of {all} now', place);
    void this.updateComplete.then(() => this.#focusTool(at + step, step));
  }

  /** The same button of the panel that moved, or the other one at either end: a person goes on from there. */
  #focusTool(at: number, step: 1 | -1): void {
    const tools = this.renderRoot.querySelectorAll('.panel')[at];
    const wanted = tools?.querySelector<HTMLButtonElement>(`[data-step='${step}']:not(:disabled)`);
    (wanted ?? tools?.querySelector<HTMLButtonElement>('[data-step]:not(:disabled)'))?.focus();
  }

  #widen(board: Board, at: number, width: Panel['width']): void {
    this.#change(
      board,
      board.panels.map((panel, index) => (index === at ? { ...panel, width } : panel)),
    );
  }

  #takeOff(board: Board, at: number): void {
    const panel = board.panels[at];
    if (!panel) return;
    this.#change(board, board.panels.toSpliced(at, 1));
    const undo = (): void => {
      const now = this.#boards.get(board.id);
      if (now) this.#change(now, now.panels.toSpliced(at, 0, panel));
    };
    toast({ text: msg('{title} was removed', { title: panelTitle(panel) }), undo });
  }

  #askPanel(board: Board, at: number | undefined): void {
    this._asked = {
      panel: at === undefined ? undefined : board.panels[at],
      keep: async (panel) => {
        const { name, panels } = this.#boards.get(board.id) ?? board;
        const next = at === undefined ? [...panels, panel] : panels.toSpliced(at, 1, panel);
        await this.#boards.replace(board.id, { name, panels: next });
      },
    };
  }

  #closed(): void {
    this._asked = undefined;
  }

  #askNew(): void {
    this.#dialogs.fill({
      heading: msg('New board'),
      form: nameForm(),
      verb: msg('Make the board'),
      send: async ({ name }) => this.#show(await this.#boards.add({ name: String(name ?? ''), panels: firstPanels() })),
    });
  }

  #askRename({ id, name, panels }: Board): void {
    this.#dialogs.fill({
      heading: msg('Rename {name}', { name }),
      form: nameForm(),
      value: { name },
      verb: msg('Save'),
      send: (values) => this.#boards.replace(id, { name: String(values.name ?? ''), panels }),
    });
  }

  #askRemove({ id, name, panels }: Board): void {
    this.#dialogs.confirm({
      heading: msg('Remove the board {name}?', { name }),
      consequences: [
        plural(panels.length, {
          one: 'Its {count} panel goes. Hosts and history stay.',
          other: 'Its {count} panels go. Hosts and history stay.',
        }),
        msg('Save it as a file first, if you may want it back.'),
      ],
      verb: msg('Remove the board'),
      act: async () => {
        await this.#boards.remove(id);
        router.go('/boards');
      },
    });
  }

  #show({ id }: Board): void {
    this._isArranging = true;
    router.go(`/boards/${id}`);
  }

  #save(board: Board): void {
    const file = new Blob([fileOf(board, live().fleet.hosts)], { type: 'application/json' });
    saveFile(`board-${fileName(board.name)}.json`, file);
  }

  #pick(place: string | undefined): void {
    this.#place = place;
    this.renderRoot.querySelector<HTMLInputElement>('input[type=file]')?.click();
  }

  async #bring(event: Event): Promise<void> {
    const file = chosenFile(event);
    if (!file) return;
    this._wrong = [];
    try {
      const text: BoardText = textOf(await file.text());
      if (this.#place === undefined) this.#show(await this.#boards.add(text));
      else await this.#boards.replace(this.#place, text);
      toast({ text: msg('{file} was taken', { file: file.name }) });
    } catch (error) {
      this._wrong = wrongsOf(error);
    }
  }

  #wrongFile() {
    if (this._wrong.length === 0) return nothing;
    return html`<reeve-notice kind="error" heading=${msg('This file was not taken; nothing was changed')}>
      <ul>${this._wrong.map(({ path, message }) => html`<li>${path === '' ? nothing : html`<span class="value">${placeInFile(path)}</span> `}${message}</li>`)}</ul>
      <reeve-action @click=${() => {
        this._wrong = [];
      }}>${msg('Close')}</reeve-action>
    </reeve-notice>`;
  }
}
customElements.define('reeve-boards-page', ReeveBoardsPage);

function wrongsOf(error: unknown): readonly FieldProblem[] {
  if (error instanceof SyntaxError) return [{ path: '', message: msg('It is no JSON: {why}', { why: error.message }) }];
  if (error instanceof ApiProblem && error.fields.length > 0) return error.fields;
  return [{ path: '', message: problemText(error) }];
}

declare global {
  interface HTMLElementTagNameMap {
    'reeve-boards-page': ReeveBoardsPage;
  }
}
