import type { Transaction } from '@unefois/chassis/postgres'
import { type HubChange, hubNotices } from './domain/hub-notice.js'
import type { HubNotices } from './store/hub-notices.js'

/** Keeps, in the transaction of a change, what the national hub is to be told of it. The transaction holds the appointment's lock. */
export type TellHub = (tx: Transaction, change: HubChange) => Promise<void>

/** For an agency that takes no part in the hub. */
export const tellNobody: TellHub = async () => undefined

export const tellHub =
  (notices: Pick<HubNotices, 'add'>, publicUrl: string): TellHub =>
  (tx, change) =>
    notices.add(tx, hubNotices(change, publicUrl))
