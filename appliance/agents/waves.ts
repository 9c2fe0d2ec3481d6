/** Share of all agents that is through after each wave; the first wave is one agent. */
const SHARES = [0.1, 0.5, 1] as const;

/** How many agents each wave has: one, up to a tenth of all, up to half, the rest; no wave is empty. */
export function waveSizes(count: number): number[] {
  const sizes: number[] = count > 0 ? [1] : [];
  let through = sizes.length;
  for (const share of SHARES) {
    const size = Math.ceil(count * share) - through;
    if (size <= 0) continue;
    sizes.push(size);
    through += size;
  }
  return sizes;
}
