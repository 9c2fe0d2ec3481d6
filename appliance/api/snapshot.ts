import type { SnapshotHost } from '../../protocol/routes/api.ts';
import type { Session } from '../session.ts';
import type { FleetParts } from './metrics.ts';

/** The fleet as it is now: every host of the session's site with the newest value of each series, however old that is. */
export function snapshotFor(
  session: Session,
  { now, values, hostsOf, descriptorOf }: FleetParts,
): { at: number; hosts: SnapshotHost[] } {
  const at = now();
  const hosts = hostsOf(session).map((host): SnapshotHost => {
    const { id, name, status, statusReason, statusAt, lastSeenAt, tags, siteId } = host;
    return {
      ...{ id, name, status, statusReason, tags },
      ...(statusAt !== undefined && { statusAt }),
      ...(lastSeenAt !== undefined && { lastSeenAt }),
      values: values.of(id).map(({ series: { metric, attributes }, value, at: readAt }) => {
        const unit = descriptorOf(siteId, metric)?.unit;
        return {
          metric,
          attributes,
          value,
          ...(unit !== undefined && { unit }),
          at: readAt,
          ageMs: Math.max(0, Math.round(at - readAt)),
        };
      }),
    };
  });
  return { at, hosts };
}
