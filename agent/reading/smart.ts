import * as z from 'zod/mini';

const number = z.optional(z.number());
const attribute = z.object({
  id: z.number(),
  value: number,
  raw: z.optional(z.object({ value: number, string: z.optional(z.string()) })),
});

/** What is used of `smartctl --json --all` (smartmontools 7); everything may be missing. */
const report = z.object({
  device: z.optional(z.object({ type: z.optional(z.string()) })),
  model_name: z.optional(z.string()),
  serial_number: z.optional(z.string()),
  smartctl: z.optional(
    z.object({ messages: z.optional(z.array(z.object({ string: z.string(), severity: z.optional(z.string()) }))) }),
  ),
  smart_status: z.optional(z.object({ passed: z.optional(z.boolean()) })),
  temperature: z.optional(z.object({ current: number })),
  power_on_time: z.optional(z.object({ hours: number })),
  power_mode: z.optional(z.unknown()),
  ata_smart_attributes: z.optional(z.object({ table: z.array(attribute) })),
  nvme_smart_health_information_log: z.optional(
    z.object({
      critical_warning: number,
      percentage_used: number,
      available_spare: number,
      media_errors: number,
      data_units_written: number,
    }),
  ),
  scsi_grown_defect_list: number,
});

/** How a disk is; absent is what it does not tell. Shares are 0 to 1. */
export interface DiskHealth {
  isHealthy: boolean | undefined;
  celsius: number | undefined;
  onSeconds: number | undefined;
  /** Share of its life that is used up. */
  wear: number | undefined;
  spare: number | undefined;
  reallocated: number | undefined;
  pending: number | undefined;
  errors: number | undefined;
  writtenBytes: number | undefined;
}

/** Devices of `smartctl --json --scan`. */
export function parseScan(output: string): { name: string; type: string }[] {
  const scan = z.object({ devices: z._default(z.array(z.object({ name: z.string(), type: z.string() })), []) });
  const parsed = scan.safeParse(JSON.parse(output));
  const isSafe = (text: string) => /^[A-Za-z0-9/_,.+:-]+$/.test(text) && !text.startsWith('-');
  return parsed.success ? parsed.data.devices.filter(({ name, type }) => isSafe(name) && isSafe(type)) : [];
}

/** Attributes of SSDs that say how much life is left, 100 when new, in the order in which they are believed. */
const LIFE_LEFT = [231, 233, 202, 177, 169, 173] as const;
const NVME_UNIT = 512_000;

/** Reads a report; the second is why there is none. A disk that sleeps was not woken. */
export function parseReport(output: string): DiskHealth | { reason: string } {
  const parsed = report.safeParse(JSON.parse(output));
  if (!parsed.success) return { reason: 'smartctl answers in a way that is not known' };
  const said = parsed.data;
  const table = said.ata_smart_attributes?.table ?? [];
  const nvme = said.nvme_smart_health_information_log;
  const complaint = said.smartctl?.messages?.[0]?.string;
  if (!said.smart_status && table.length === 0 && !nvme)
    return { reason: complaint ?? 'it tells nothing of its health' };
  const raw = (id: number) => table.find((each) => each.id === id)?.raw?.value;
  const left =
    table.length > 0 ? LIFE_LEFT.flatMap((id) => table.find((each) => each.id === id)?.value ?? [])[0] : undefined;
  const hours = said.power_on_time?.hours;
  const units = nvme?.data_units_written;
  const spare = nvme?.available_spare;
  return {
    isHealthy: said.smart_status?.passed,
    celsius: said.temperature?.current,
    onSeconds: hours === undefined ? undefined : hours * 3600,
    wear:
      nvme?.percentage_used !== undefined
        ? nvme.percentage_used / 100
        : left === undefined
          ? undefined
          : (100 - left) / 100,
    spare: spare === undefined ? undefined : spare / 100,
    reallocated: raw(5) ?? said.scsi_grown_defect_list,
    pending: raw(197),
    errors: nvme?.media_errors ?? raw(198),
    writtenBytes: units === undefined ? undefined : units * NVME_UNIT,
  };
}
