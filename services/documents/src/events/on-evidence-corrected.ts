import { randomUUID } from 'node:crypto'
import { type Consumer, readEvent } from '@unefois/chassis/inbox'
import { EvidenceCorrected } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { z } from 'zod'
import type { HearingNeeds } from '../correction-needs.js'
import { isReceivedFrom } from '../domain/correction.js'
import { tellOutdated } from '../outdated-evidence.js'
import { evidenceType, instantMs } from '../rpc/fields.js'
import { addAgencyEvent } from '../store/agency-events.js'

const said = z.object({
  correctionId: z.uuid(),
  exchangeId: z.uuid(),
  evidenceType,
  wrongVersion: z.number().int().positive(),
  correctedVersion: z.number().int().nonnegative(),
  correctedAtMs: instantMs,
})

/**
 * A provider says that what this member received from it was wrong. What is not about an exchange between these two is
 * confirmed and forgotten: refusing it would hold up every later correction of the same sender.
 */
export const onEvidenceCorrected = ({ runtime, accesses, receivedCorrections }: HearingNeeds): Consumer => ({
  isSender: (caller) => caller.kind === 'member' && caller.service === 'documents',
  apply: async (received, tx) => {
    const [provider = ''] = received.sender.split('/')
    const ignore = (why: string): void => runtime.log.warn({ member: provider }, `a correction was ignored: ${why}`)
    const event = said.safeParse(readEvent(EvidenceCorrected, received)).data
    if (!event) return ignore('it makes no sense')
    const exchange = await accesses.exchange(event.exchangeId, tx)
    const asked = exchange?.opening.record
    if (!asked || !isReceivedFrom(provider, { asked, receipt: exchange.receipt?.record }, event))
      return ignore('nothing of the kind was received from this member')
    const correctionId = randomUUID()
    const heardAtMs = Math.floor(runtime.clock.nowMs())
    const isNew = await receivedCorrections.insert(tx, {
      correctionId,
      toldId: event.correctionId,
      exchangeId: event.exchangeId,
      provider,
      subject: asked.subject,
      evidenceType: event.evidenceType,
      purpose: asked.purpose,
      procedure: asked.procedure,
      wrongVersion: event.wrongVersion,
      correctedVersion: event.correctedVersion,
      correctedAtMs: event.correctedAtMs,
      heardAtMs,
    })
    if (!isNew) return
    await tellOutdated(runtime, tx, {
      kind: 'corrected',
      subject: asked.subject,
      provider,
      evidenceType: event.evidenceType,
      exchangeId: event.exchangeId,
      wrongVersion: event.wrongVersion,
      reference: correctionId,
    })
    await addAgencyEvent(tx, 'correction-received', correctionId, heardAtMs)
  },
})
