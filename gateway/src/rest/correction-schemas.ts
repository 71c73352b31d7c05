import { z } from 'zod'
import { instant, route } from './schemas.js'

// Documented shapes of corrections, contests and holdings.

const version = z.number().int().nonnegative()

export const wrongVersions = z
  .strictObject({ firstVersion: version.min(1), lastVersion: version.min(1), correctedVersion: version })
  .meta({ description: 'First and last wrong version, and the right one; 0: withdrawn, there is none.' })

export const correctionOutcome = z
  .enum(['acted', 'not-concerned'])
  .meta({ description: 'Looked at again what rested on it, or nothing rests on it any more.' })

export const correction = z.strictObject({
  correctionId: z.string(),
  exchangeId: z.string(),
  subject: z.string(),
  provider: z.string(),
  evidenceType: z.string(),
  purpose: z.string(),
  procedure: z.string(),
  wrongVersion: version,
  correctedVersion: version,
  correctedAt: instant,
  heardAt: instant,
  outcome: correctionOutcome.nullable(),
  answeredAt: instant.nullable(),
})

export const toldCorrection = z.strictObject({
  exchangeId: z.string(),
  requester: z.string(),
  wrongVersion: version,
  outcome: correctionOutcome.nullable(),
  answeredAt: instant.nullable(),
})

export const contestState = z.enum(['open', 'corrected', 'upheld'])

export const upheld = z.strictObject({ reasons: z.string(), remedies: z.string(), routes: z.array(route) })

const contested = {
  contestId: z.string(),
  evidenceType: z.string(),
  version,
  field: z.string().nullable().meta({ description: 'Null: all of it.' }),
  statement: z.string(),
  state: contestState.or(z.literal('unknown')),
  contestedAt: instant,
  answeredAt: instant.nullable(),
  corrected: wrongVersions.nullable(),
  upheld: upheld.nullable(),
}
export const ownContest = z.strictObject({ agency: z.string(), ...contested })
export const contest = z.strictObject({ ...contested, subject: z.string(), reportId: z.string().nullable() })

export const askedMember = z.strictObject({
  member: z.string(),
  isReached: z.boolean(),
  reason: z.string().optional().meta({ description: 'Why the member was not reached.' }),
  nextPageToken: z.string().optional().meta({ description: 'With `member`, asks for what follows.' }),
})

export const holding = z.strictObject({
  agency: z.string().meta({ description: 'Who holds it.' }),
  evidenceType: z.string(),
  origin: z.enum(['declared', 'register', 'received', 'unknown']),
  isReached: z.boolean().meta({ description: 'False: the agency’s own register did not answer now.' }),
  value: z.unknown().meta({ description: 'Null where there is none to show.' }),
  isValueLeftOut: z.boolean().meta({ description: 'True: too large to be shown here.' }),
  version: version.nullable(),
  asOf: instant.nullable(),
  received: z
    .strictObject({
      exchangeId: z.string(),
      provider: z.string(),
      purpose: z.string(),
      receivedAt: instant,
      keepUntil: instant,
      predicates: z.array(z.strictObject({ predicate: z.string(), holds: z.boolean() })),
      isCorrected: z.boolean().meta({ description: 'True: its provider has said since that it was wrong.' }),
    })
    .nullable(),
})
