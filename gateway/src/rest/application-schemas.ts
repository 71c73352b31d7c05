import { z } from 'zod'
import { factsUsed, notObtained } from './assessment-views.js'
import { fact, parisDay, sha256, silence, unit } from './eligibility-schemas.js'
import { bilingual, instant } from './schemas.js'

// Documented shapes of what people ask an agency for by one of its procedures, until it is decided.

/** What the path of an operation on one application names. */
export const applicationNamed = z.strictObject({ id: z.uuid() })

export const applicationChannel = z.enum(['online', 'counter', 'telephone', 'post', 'home-visit'])
export const applicationState = z.enum([
  ...(['incomplete', 'in-review', 'granted', 'partly-granted', 'refused'] as const),
  ...(['accepted-by-silence', 'rejected-by-silence', 'withdrawn'] as const),
])

const shortName = z.string().min(1).max(200)
export const agentNamed = z.strictObject({
  agentId: z.string().min(1).max(128).meta({ description: 'The agency’s own id of the agent.' }),
  firstName: z.string().max(200),
  lastName: z.string().max(200),
  capacity: z.string().min(1).max(200),
  isUnnamed: z
    .boolean()
    .default(false)
    .meta({ description: 'For a registered reason of safety the person sees the capacity alone.' }),
})

/** Who did something for somebody, as CRPA L111-2 wants it said; a person's own token says it by itself. */
export const handGiven = z
  .discriminatedUnion('who', [
    z.strictObject({ who: z.literal('agent'), ...agentNamed.shape }),
    z.strictObject({ who: z.literal('helper'), firstName: shortName, lastName: shortName, organisation: shortName }),
  ])
  .meta({ description: 'The agent or helper whose hand it was (CRPA L111-2); a person leaves it out.' })

export const agentGiven = z
  .strictObject({ who: z.literal('agent'), ...agentNamed.shape })
  .meta({ description: 'The agent whose hand it was (CRPA L111-2).' })

export const hand = z.discriminatedUnion('who', [
  z.strictObject({ who: z.literal('person') }),
  z.strictObject({ who: z.literal('agent'), ...agentNamed.shape }),
  z.strictObject({ who: z.literal('helper'), firstName: z.string(), lastName: z.string(), organisation: z.string() }),
  z.strictObject({ who: z.literal('service') }),
  z.strictObject({ who: z.literal('unknown') }),
])

const mostGiven = 100
export const entriesGiven = z
  .record(z.string().min(1).max(64), z.string().min(1).max(2000))
  .refine((entries) => Object.keys(entries).length <= mostGiven, `has more than ${mostGiven} entries`)
  .meta({ description: 'Field of the procedure → what the person gives for it.' })
export const factsGiven = z
  .record(z.string().min(1).max(100), fact)
  .refine((facts) => Object.keys(facts).length <= mostGiven, `has more than ${mostGiven} facts`)
  .meta({ description: 'What the person states of the facts of the rule; nobody else is asked for them.' })

const noDay = (description: string) => parisDay.nullable().meta({ description })

export const silenceClock = z
  .strictObject({
    means: silence,
    dueDay: noDay('When silence speaks, as far as known today; null where it means nothing.'),
    isWaiting: z
      .boolean()
      .meta({ description: 'It stands still or has not begun: something is awaited of the person.' }),
    legalReference: z.string(),
  })
  .meta({ id: 'SilenceClock', description: 'When the agency’s silence speaks, and of what (CRPA L231-1 to L231-6).' })

export const remedyOpen = z.strictObject({
  title: bilingual,
  count: z.number().int(),
  unit,
  isMandatoryFirst: z.boolean().meta({ description: 'Before a court is asked.' }),
  legalReference: z.string(),
  lastDay: noDay('The last day; null while it has not begun.'),
})

export const applicationReceipt = z
  .strictObject({
    receivedAt: instant,
    service: bilingual,
    address: z.string(),
    telephone: z.string(),
    clock: silenceClock.nullable(),
    remedies: z.array(remedyOpen).meta({ description: 'Where silence rejects.' }),
    isAttestable: z.boolean().meta({ description: 'Where silence accepts: an attestation can be had then.' }),
    missingFields: z.array(z.string()),
    missingUntilDay: noDay('Until when what is missing is awaited.'),
    jws: z.string().meta({ description: 'All this, signed by the agency (typ application-receipt+jws).' }),
  })
  .meta({ id: 'ApplicationReceipt', description: 'Acknowledgement of an application (CRPA L112-11, R112-5).' })

export const correctionAsked = z.strictObject({
  correctionId: z.string(),
  isIncomplete: z
    .boolean()
    .meta({ description: 'Something is missing; otherwise something is wrong in a complete file.' }),
  fields: z.array(z.string()),
  what: z.string(),
  askedAt: instant,
  untilDay: parisDay,
  resolvedAt: instant.nullable().meta({ description: 'When all of it had come.' }),
  by: hand,
})

export const message = z.strictObject({ messageId: z.string(), at: instant, from: hand, text: z.string() })

export const application = z
  .strictObject({
    applicationId: z.string(),
    subject: z.string(),
    procedure: z.string(),
    procedureSha256: sha256.meta({ description: 'Of the procedure as it was in force at the deposit.' }),
    channel: applicationChannel.or(z.literal('unknown')),
    depositedAt: instant,
    depositedBy: hand,
    language: z.string(),
    state: applicationState.or(z.literal('unknown')),
    revision: z
      .number()
      .int()
      .meta({ description: 'Grows with each change; a decision names the one it was made of.' }),
    appealedDecisionId: z.string().nullable(),
    entries: z.record(z.string(), z.string()),
    facts: z.record(z.string(), fact),
    used: factsUsed.meta({ description: 'What evidence told, at the latest examination.' }),
    notObtained,
    corrections: z.array(correctionAsked),
    messages: z.array(message),
    takesMessages: z
      .boolean()
      .meta({ description: 'While nobody decided, and again while the person is heard in a review.' }),
    clock: silenceClock.nullable(),
    receipt: applicationReceipt.nullable(),
    decisionId: z.string().nullable(),
  })
  .meta({ id: 'Application' })

export const applicationAnswered = z.strictObject({ application })
