import { capturedRequest, encodeRelease, releaseMethod } from '../captured.js'
import { RawMember, type RawReply } from '../raw-member.js'
import type { Cast } from './cast.js'

export interface Stranger {
  readonly withCapturedTicket: string
  readonly withCapturedMessage: string
}

const reasonOf = (reply: RawReply): string => {
  if ('refusal' in reply) return reply.refusal
  if ('unreadable' in reply) return 'an answer that it cannot read'
  return reply.sealed.status === 'error' ? reply.sealed.reason : 'nothing'
}

/** A town without any authorisation presents a ticket, and then a whole message, that it captured from another. */
export const stranger = async (cast: Cast, basisId: string): Promise<Stranger> => {
  const { places, script, pseudonym } = cast
  const { provider, evidenceType } = script
  const { purpose, fields } = script.information
  const captured = await capturedRequest(places, {
    requester: script.requester,
    provider,
    subject: pseudonym(script.person),
    evidenceType,
    purpose,
    basisId,
    fields,
  })
  const other = await RawMember.connect(places, script.stranger, 'documents')
  const honest = await RawMember.connect(places, script.requester, 'documents')
  try {
    const own = other.seal(provider, 'documents', releaseMethod, encodeRelease(captured))
    const message = honest.seal(provider, 'documents', releaseMethod, encodeRelease(captured))
    return {
      withCapturedTicket: reasonOf(await other.send(provider, 'documents', 'ReleaseEvidence', own.message, own)),
      withCapturedMessage: reasonOf(await other.send(provider, 'documents', 'ReleaseEvidence', message.message)),
    }
  } finally {
    await Promise.all([other.close(), honest.close()])
  }
}
