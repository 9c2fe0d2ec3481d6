const HOUR_MS = 3_600_000;

/** How many messages each channel took within the last hour. Pure: every moment is handed in. */
export class RateCap {
  readonly #times = new Map<string, number[]>();

  took(channelId: string, at: number): void {
    this.#times.set(
      channelId,
      [...(this.#times.get(channelId) ?? []), at].sort((a, b) => a - b),
    );
  }

  /** When a channel that has had `most` within the last hour takes one again; undefined while it does. */
  fullUntil(channelId: string, most: number, now: number): number | undefined {
    const recent = (this.#times.get(channelId) ?? []).filter((at) => at > now - HOUR_MS && at <= now);
    this.#times.set(channelId, recent);
    if (recent.length < most) return undefined;
    return (recent[recent.length - most] ?? now) + HOUR_MS;
  }
}
