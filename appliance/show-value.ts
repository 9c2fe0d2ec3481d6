const STEPS = ['', 'k', 'M', 'G', 'T', 'P'];

function scaled(value: number, unit: string): string {
  let size = Math.abs(value);
  let step = 0;
  while (size >= 1_000 && step < STEPS.length - 1) {
    size /= 1_000;
    step += 1;
  }
  return `${value < 0 ? '−' : ''}${digits(size)} ${STEPS[step] ?? ''}${unit}`;
}

const digits = (value: number): string => String(Number(value.toPrecision(3)));

/** A value of a metric for people, by its UCUM unit: shares as percent, bytes in steps of a thousand. */
export function showValue(value: number, unit = ''): string {
  if (!Number.isFinite(value)) return 'never';
  if (unit === '1') return `${digits(value * 100)} %`;
  if (unit === 'By') return scaled(value, 'B');
  if (unit === 'By/s') return scaled(value, 'B/s');
  if (unit === 'bit/s') return scaled(value, 'bit/s');
  if (unit === 'Cel') return `${digits(value)} °C`;
  if (unit === 's') return `${digits(value)} s`;
  const plain = unit.replace(/[{}]/g, '');
  return plain ? `${digits(value)} ${plain}` : digits(value);
}
