import { type CSSResult, css } from 'lit';

/** What the page of one device has beside its two columns. */
export const devicePageStyles: CSSResult = css`
  section > p + button {
    margin-top: 8px;
  }
  ul {
    display: grid;
    gap: 8px;
  }
  dl {
    display: grid;
    gap: 8px;
    margin: 0 0 8px;
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
`;
