import { z } from 'zod';

const numbers = z.number();
/** What a host said of itself, read and made safe to show; a part that could not be read is absent. */
export const auditFacts = z.object({
  system: z
    .object({
      kernelName: z.string(),
      kernel: z.string(),
      machine: z.string(),
      hostName: z.string(),
      isRoot: z.boolean(),
      at: numbers,
      upSeconds: numbers.exactOptional(),
      load: z.array(numbers).exactOptional(),
    })
    .exactOptional(),
  os: z.object({ id: z.string(), name: z.string(), version: z.string(), codename: z.string() }).exactOptional(),
  hardware: z.record(z.string(), z.string()).exactOptional(),
  cpu: z.object({ model: z.string(), cores: numbers }).exactOptional(),
  memory: z
    .object({ totalBytes: numbers, availableBytes: numbers.exactOptional(), swapBytes: numbers.exactOptional() })
    .exactOptional(),
  disks: z
    .array(z.object({ device: z.string(), mount: z.string(), sizeBytes: numbers, usedBytes: numbers, used: numbers }))
    .exactOptional(),
  blocks: z
    .array(z.object({ name: z.string(), model: z.string(), sizeBytes: numbers, isRotating: z.boolean() }))
    .exactOptional(),
  addresses: z.array(z.object({ name: z.string(), address: z.string() })).exactOptional(),
  routes: z.array(z.string()).exactOptional(),
  resolvers: z.array(z.string()).exactOptional(),
  ports: z
    .array(z.object({ protocol: z.string(), address: z.string(), port: numbers, process: z.string().exactOptional() }))
    .exactOptional(),
  processes: z
    .array(
      z.object({
        pid: numbers,
        user: z.string(),
        command: z.string(),
        cpu: numbers.exactOptional(),
        memory: numbers.exactOptional(),
        elapsed: z.string().exactOptional(),
      }),
    )
    .exactOptional(),
  users: z
    .array(z.object({ name: z.string(), uid: numbers, gid: numbers, home: z.string(), shell: z.string() }))
    .exactOptional(),
  packages: z
    .object({ manager: z.string(), items: z.array(z.object({ name: z.string(), version: z.string() })) })
    .exactOptional(),
  updates: z
    .object({
      manager: z.string(),
      items: z.array(z.object({ name: z.string(), version: z.string(), isSecurity: z.boolean() })),
    })
    .exactOptional(),
  services: z
    .object({ manager: z.string(), items: z.array(z.object({ name: z.string(), state: z.string() })) })
    .exactOptional(),
  sshd: z
    .object({ source: z.string(), values: z.record(z.string(), z.string()), version: z.string().exactOptional() })
    .exactOptional(),
});
export type AuditFacts = z.infer<typeof auditFacts>;
