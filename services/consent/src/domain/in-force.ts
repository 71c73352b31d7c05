/**
 * A withdrawal is in force at a provider once that provider has confirmed it, or once the last lease that it was given before
 * the withdrawal was recorded has ended; a provider that then held none could release nothing from that moment on. A lease
 * given later demands that the withdrawal was applied first, so it never puts this moment off.
 * See proto/decisions/0006-consent-and-lease.md.
 */
export interface ProviderWithdrawal {
  /** When the authority heard the confirmation. */
  readonly confirmedAtMs: number | undefined
  /** End of the leases given before the withdrawal was recorded. */
  readonly leaseEndsAtMs: number | undefined
}

/** The moment for one provider, perhaps still to come. */
const settledAtMs = (recordedAtMs: number, { confirmedAtMs, leaseEndsAtMs }: ProviderWithdrawal): number =>
  Math.max(recordedAtMs, Math.min(confirmedAtMs ?? Number.POSITIVE_INFINITY, leaseEndsAtMs ?? recordedAtMs))

/** When a withdrawal is in force at all named providers, if nothing else is heard; milliseconds since the epoch. */
export const expectedInForceAtMs = (recordedAtMs: number, providers: readonly ProviderWithdrawal[]): number =>
  Math.max(recordedAtMs, ...providers.map((provider) => settledAtMs(recordedAtMs, provider)))

/** When a withdrawal came into force at all named providers; undefined while it has not. Once given, it never changes. */
export const inForceAtMs = (
  recordedAtMs: number,
  providers: readonly ProviderWithdrawal[],
  nowMs: number,
): number | undefined => {
  const atMs = expectedInForceAtMs(recordedAtMs, providers)
  return atMs <= nowMs ? atMs : undefined
}
