import type { Device, Standing } from '../../protocol/network.ts';
import { msg } from '../msg.ts';
import type { Dialogs } from '../parts/dialogs.ts';
import type { JsonSchema } from '../parts/form-schema.ts';
import { tried } from '../parts/tried.ts';
import { call, type RequestOf } from '../rest.ts';

type Change = Omit<RequestOf<'PATCH /api/v1/network/devices/:deviceId'>['body'], 'rev'>;

/** Changes a device. Throws `ApiProblem`. */
export const changeDevice = ({ id, rev }: Pick<Device, 'id' | 'rev'>, change: Change): Promise<Device> =>
  call('PATCH /api/v1/network/devices/:deviceId', { params: { deviceId: id }, body: { rev, ...change } });

/** Trusts or ignores a device at once; what fails is told, and `done` is called either way. */
export async function setStanding(device: Device, standing: Standing, done: () => unknown): Promise<void> {
  await tried(() => changeDevice(device, { standing }));
  done();
}

/** Opens the form in which a device is named. */
export function askName(dialogs: Dialogs, device: Device, done: () => unknown): void {
  dialogs.fill({
    heading: msg('Name {title}', { title: device.title }),
    lead: msg('A device with a name counts as known, and leaves the inbox.'),
    form: 'change-device',
    shape: (schema) => only(schema, ['name', 'note']),
    value: { name: device.name ?? '', note: device.note ?? '' },
    verb: msg('Save'),
    send: async (values) => {
      await changeDevice(device, values as Change);
      done();
    },
  });
}

/** A form with these fields alone. */
export const only = (schema: JsonSchema, names: readonly string[]): JsonSchema => ({
  ...schema,
  properties: Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([name]) => names.includes(name))),
  required: (schema.required ?? []).filter((name) => names.includes(name)),
});
