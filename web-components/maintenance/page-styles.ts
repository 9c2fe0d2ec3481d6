import { type CSSResult, css } from 'lit';

/** Sections below each other, what can be done at the right of the heading. */
export const maintenanceStyles: CSSResult = css`
      :host {
        display: grid;
        gap: 32px;
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
        margin-bottom: 4px;
      }
      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .lead {
        max-width: 80ch;
      }
      section {
        display: grid;
        gap: 8px;
        min-width: 0;
      }
    `;
