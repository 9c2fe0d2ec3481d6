import { type CSSResult, css } from 'lit';

/** Fields below each other, each with its label, words and problem. */
export const formStyles: CSSResult = css`
  form {
    display: grid;
    gap: 16px;
    max-width: 480px;
  }
  .field {
    display: grid;
    gap: 4px;
  }
  .field.flag {
    grid-template-columns: auto 1fr;
    align-items: center;
    gap: 4px 8px;
  }
  .field.flag label {
    order: 1;
  }
  .field.flag p {
    order: 2;
    grid-column: 1 / -1;
  }
  .with-button {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 4px;
  }
  .beside {
    display: flex;
    gap: 4px;
  }
  label,
  .label {
    font-weight: 500;
  }
  .problem,
  .failure {
    color: var(--reeve-critical);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }
`;
