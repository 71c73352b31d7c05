import type { Transaction } from '@unefois/chassis/postgres'
import type { ProactiveUse } from './oppositions.js'

/** One contact with a person about a right that this member found. */
export interface Contact extends ProactiveUse {
  readonly campaign: string
  readonly textVersion: string
  readonly language: string
  readonly channel: string
  readonly offersOpposition: boolean
  readonly atMs: number
}

/** Whether the person was contacted about this use before. */
export const wasContacted = async (tx: Transaction, { subject, purpose }: ProactiveUse): Promise<boolean> =>
  (
    await tx.query('SELECT 1 FROM contact WHERE subject = (SELECT standing_subject($1)) AND purpose = $2 LIMIT 1', [
      subject,
      purpose,
    ])
  ).rowCount === 1

export const insertContact = async (tx: Transaction, contact: Contact): Promise<void> => {
  await tx.query(
    `INSERT INTO contact (subject, purpose, campaign, text_version, language, channel, offers_opposition, at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      contact.subject,
      contact.purpose,
      contact.campaign,
      contact.textVersion,
      contact.language,
      contact.channel,
      contact.offersOpposition,
      contact.atMs,
    ],
  )
}
