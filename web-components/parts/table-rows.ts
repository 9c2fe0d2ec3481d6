/** One column of a `<reeve-table>`. */
export interface Column<Row> {
  id: string;
  title: string;
  /** What to sort by; a column without it cannot be sorted. Undefined values come last in either direction. */
  sortBy?: (row: Row) => string | number | undefined;
  /** What stands in the head, where that is more than the title. */
  head?: unknown;
  /** What stands in the cell: text or a template. */
  cell: (row: Row) => unknown;
  /** Numbers stand at the end. */
  align?: 'end';
  /** The cell that names the row. */
  isHeading?: boolean;
}

/** `cpu` or, downwards, `-cpu`; as it stands in the address. */
export interface Order {
  column: string;
  isDown: boolean;
}

export const parseOrder = (text: string): Order => ({ column: text.replace(/^-/, ''), isDown: text.startsWith('-') });

/** The order that a click on a column's head asks for; undefined takes the order away after down. */
export function nextOrder(before: string, column: string): string | undefined {
  if (before === column) return `-${column}`;
  return before === `-${column}` ? undefined : column;
}

/** The rows in order; equal ones stay as they came. */
export function sortedRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order: string): readonly Row[] {
  const { column, isDown } = parseOrder(order);
  const sortBy = columns.find(({ id }) => id === column)?.sortBy;
  if (!sortBy) return rows;
  const sign = isDown ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [sortBy(a), sortBy(b)];
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    if (typeof left === 'number' && typeof right === 'number') return sign * (left - right);
    return sign * String(left).localeCompare(String(right), undefined, { numeric: true });
  });
}
