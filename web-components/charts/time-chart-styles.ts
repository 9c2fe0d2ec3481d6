import { type CSSResult, css } from 'lit';

export const timeChartStyles: CSSResult = css`
  :host {
    display: block;
  }
  .plot {
    position: relative;
    height: var(--reeve-chart-height, 168px);
    border-radius: 4px;
    cursor: crosshair;
    touch-action: pan-y;
    user-select: none;
  }
  .canvas {
    position: absolute;
    inset: 0;
    pointer-events: none;
  }
  i {
    position: absolute;
    pointer-events: none;
  }
  .late {
    background: repeating-linear-gradient(135deg, transparent 0 5px, var(--reeve-line-strong) 5px 6px);
    opacity: 0.5;
  }
  .late-note {
    display: flex;
    align-items: center;
    gap: 6px;
    padding: 0 12px;
    color: var(--reeve-muted);
    font-size: 12px;
    line-height: 16px;
  }
  .late-note .late {
    position: static;
    flex: none;
    width: 20px;
    height: 10px;
    border: 1px solid var(--reeve-line-strong);
  }
  .limit {
    border-top: 1px dashed var(--reeve-warning-mark);
  }
  .limit.critical {
    border-color: var(--reeve-critical-mark);
  }
  .frame {
    position: relative;
  }
  .span {
    background: var(--reeve-warning-mark);
    opacity: 0.14;
  }
  .span.critical {
    background: var(--reeve-critical-mark);
  }
  .marker {
    width: 1px;
    background: var(--reeve-muted);
    opacity: 0.7;
  }
  .marker.plain {
    background: var(--reeve-text);
    opacity: 1;
    pointer-events: auto;
  }
  .marker.plain::before {
    content: '';
    position: absolute;
    top: -4px;
    left: -4px;
    width: 9px;
    height: 9px;
    background: var(--reeve-text);
    clip-path: polygon(0 0, 100% 0, 50% 100%);
  }
  .marks a {
    position: absolute;
    top: -4px;
    display: grid;
    place-items: center;
    width: 16px;
    height: 16px;
    margin-left: -8px;
    border-radius: 4px;
    font-size: 11px;
  }
  .tip {
    position: absolute;
    top: 18px;
    left: 8px;
    z-index: 3;
    display: none;
    padding: 0 6px;
    border: 1px solid var(--reeve-line-strong);
    border-radius: 4px;
    background: var(--reeve-raised);
    color: var(--reeve-text);
    font-size: 12px;
    line-height: 18px;
    white-space: nowrap;
    max-width: 240px;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .tip.is-right {
    left: auto;
    right: 8px;
  }
  .marks a:hover {
    z-index: 3;
  }
  .marks a:hover .tip,
  .marks a:focus-visible .tip {
    display: block;
  }
  .brush {
    background: var(--reeve-accent);
    opacity: 0.2;
  }
  .cursor {
    width: 1px;
    background: var(--reeve-muted);
  }
  .moment {
    position: absolute;
    top: 0;
    margin-left: 6px;
    padding: 0 4px;
    border-radius: 4px;
    background: var(--reeve-raised);
    font: 11px/16px var(--reeve-mono);
    white-space: nowrap;
    pointer-events: none;
  }
  .moment.is-right {
    transform: translateX(-100%);
    margin-left: -6px;
  }
  li {
    display: flex;
    align-items: center;
    gap: 6px;
    font-size: 12px;
    line-height: 16px;
  }
  li svg {
    flex: none;
  }
  .name {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    color: var(--reeve-muted);
  }
  li .value {
    margin-left: auto;
    font-size: 12px;
  }
  .ends {
    position: absolute;
    inset: 0 0 0 auto;
    pointer-events: none;
  }
  .ends li {
    position: absolute;
    inset: auto 4px auto 0;
  }
  .ends li .value:first-child {
    margin-left: 0;
  }
  .is-past .value {
    color: var(--reeve-muted);
    opacity: 0.8;
  }
  .ends svg {
    width: 14px;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 16px;
    padding: 0 12px;
  }
  .legend.has-values {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(140px, 1fr));
  }
  .table {
    max-height: var(--reeve-chart-height, 168px);
    overflow: auto;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-size: 12px;
  }
  th,
  td {
    padding: 2px 8px;
    text-align: end;
    font-weight: 400;
    white-space: nowrap;
  }
  thead th {
    position: sticky;
    top: 0;
    background: var(--reeve-surface);
    color: var(--reeve-muted);
  }
  th:first-child {
    text-align: start;
  }
`;
