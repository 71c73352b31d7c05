import type { Clock } from '@unefois/chassis/clock'
import type { Transaction } from '@unefois/chassis/postgres'
import { MeshError } from '@unefois/proto/reasons'
import { managementUrl } from '../domain/hub-notice.js'
import type { HubNotices } from '../store/hub-notices.js'
import type { Hub, HubStatus } from './hub.js'

/**
 * Asks the national hub before somebody books by themselves. It runs within the transaction of the booking, before anything is
 * locked: a retry of a booking gets its first answer and does not meet itself at the hub. Errors: PRE_APPLICATION_NOT_VALIDATED,
 * PRE_APPLICATION_ALREADY_BOOKED with `managementUrl` in its facts, HUB_UNREACHABLE.
 */
export type HubCheck = (
  tx: Transaction,
  preApplications: readonly string[],
  options: { readonly isSecondConfirmed: boolean },
) => Promise<void>

interface Needs {
  readonly hub: Pick<Hub, 'statuses'>
  readonly hubNotices: Pick<HubNotices, 'bookedHere'>
  readonly publicUrl: string
  readonly clock: Clock
}

/** An address that may be shown to somebody; what is none is left out. */
const webAddress = (text: string): string | undefined =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? new URL(text).href : undefined

/** An appointment that another agency told the hub of. */
const elsewhere = ({ appointments }: HubStatus, publicUrl: string) =>
  appointments.find(({ management_url: url }) => !url.startsWith(managementUrl(publicUrl, '')))

/** Of appointments here the tables know more than the hub, which may not have heard of a cancellation yet. */
export const hubCheck =
  ({ hub, hubNotices, publicUrl, clock }: Needs): HubCheck =>
  async (tx, preApplications, { isSecondConfirmed }) => {
    const statuses = await hub.statuses(preApplications)
    const here = isSecondConfirmed
      ? new Map<string, string>()
      : await hubNotices.bookedHere(tx, preApplications, clock.nowMs())
    for (const [at, preApplication] of preApplications.entries()) {
      const known = statuses.get(preApplication) ?? { status: 'unknown', appointments: [] }
      const field = `preApplications.${at}`
      if (known.status !== 'validated')
        throw new MeshError('PRE_APPLICATION_NOT_VALIDATED', { facts: { field, what: `is ${known.status}` } })
      if (isSecondConfirmed) continue
      const own = here.get(preApplication)
      const other = elsewhere(known, publicUrl)
      if (own === undefined && !other) continue
      const url = own === undefined ? webAddress(other?.management_url ?? '') : managementUrl(publicUrl, own)
      throw new MeshError('PRE_APPLICATION_ALREADY_BOOKED', {
        facts: { field, ...(url !== undefined && { managementUrl: url }) },
      })
    }
  }
