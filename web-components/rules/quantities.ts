import type { Descriptor } from '../../protocol/metrics.ts';
import { formatValue, quantityOptions } from '../format.ts';
import type { JsonSchema } from '../parts/form-schema.ts';

/** The unit in which people write values of a metric, and how many of it one stored unit is. */
export interface Written {
  unit: string;
  scale: number;
}

/** Shares are written in percent, bytes in GB, rates in MB/s (of a network in Mb/s), the rest as it is stored. */
export function writtenIn(described: Pick<Descriptor, 'id' | 'unit' | 'kind'> | undefined): Written {
  const { unit = '', kind, id = '' } = described ?? {};
  if (kind === 'state') return { unit: '', scale: 1 };
  if (unit === '1') return { unit: '%', scale: 100 };
  if (unit === 'Cel') return { unit: '°C', scale: 1 };
  if (unit === 'By') return { unit: 'GB', scale: 1e-9 };
  if (unit === 'By/s') return quantityOptions(id).bits ? { unit: 'Mb/s', scale: 8e-6 } : { unit: 'MB/s', scale: 1e-6 };
  return { unit: unit.replace(/[{}]/g, ''), scale: 1 };
}

/** A setting of a condition with the unit of its metric, where it is a level of it. */
export function inUnit(field: JsonSchema, { unit, scale }: Written): JsonSchema {
  if (field.widget !== 'level') return field;
  const { minimum: _least, maximum: _most, ...rest } = field;
  // A default is that of a share: full is 1.
  if (scale !== 100) delete rest.default;
  return { ...rest, scale, title: unit === '' ? field.title : `${field.title}, ${unit}` };
}

/** A level of a metric as people read it. */
export const levelText = (value: number, described: Pick<Descriptor, 'id' | 'unit' | 'kind'> | undefined): string =>
  formatValue(value, described?.kind === 'state' ? '' : (described?.unit ?? ''));
