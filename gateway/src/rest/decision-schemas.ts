import { z } from 'zod'
import { agentNamed, remedyOpen } from './application-schemas.js'
import { explanation, parisDay, sha256 } from './eligibility-schemas.js'
import { instant, name } from './schemas.js'

// Documented shapes of decisions on applications, and of who may sign them.

/** What the path of an operation on one decision names. */
export const decisionNamed = z.strictObject({ id: z.uuid() })

export const decisionOutcome = z.enum(['granted', 'partly-granted', 'refused'])

/** What a decision says beside the file. */
export const decisionMade = {
  outcome: decisionOutcome,
  reasons: z
    .string()
    .max(8000)
    .default('')
    .meta({ description: 'The considerations of law and fact (CRPA L211-5); needed for all but a plain grant.' }),
  gives: z.string().max(2000).default('').meta({ description: 'What is given, in words; empty for a refusal.' }),
  fromDay: parisDay.optional().meta({ description: 'The first day of the right; left out where it has none.' }),
  toDay: parisDay.optional().meta({ description: 'The last day of the right; left out where it has none.' }),
}

/** In the place of an earlier decision, whose review it ends. */
export const reviewEnded = z
  .uuid()
  .optional()
  .meta({ description: 'The review that it ends, where it comes in the place of a decision.' })

export const decision = z
  .strictObject({
    decisionId: z.string(),
    applicationId: z.string(),
    subject: z.string(),
    procedure: z.string(),
    outcome: decisionOutcome.or(z.literal('unknown')),
    reasons: z.string(),
    gives: z.string(),
    fromDay: parisDay.nullable(),
    toDay: parisDay.nullable(),
    issuedAt: instant,
    signedBy: agentNamed.nullable().meta({ description: 'Null: favourable, and issued by the procedure itself.' }),
    delegationId: z.string().nullable(),
    remedies: z.array(remedyOpen).meta({ description: 'With their last days; none where all was granted.' }),
    algorithmNotice: z.string().nullable().meta({ description: 'CRPA L311-3-1; null where no algorithm had part.' }),
    releaseSha256: sha256.nullable().meta({ description: 'Of the rule release that was applied.' }),
    jws: z.string().meta({
      description: 'All this and the agent’s own signature, signed by the agency (typ decision+jws).',
    }),
    keptUntilDay: parisDay.meta({ description: 'The last day on which its file is kept.' }),
    legalHold: z.string().nullable().meta({ description: 'Why the file is kept longer.' }),
  })
  .meta({ id: 'Decision' })

export const decisionAnswered = z.strictObject({ decision })

export const decisionExplained = z.strictObject({
  language: z.string(),
  contribution: z.string().meta({ description: '1: to what degree and how the algorithm contributed.' }),
  data: z
    .array(z.strictObject({ title: z.string(), value: z.string(), source: z.string(), asOf: instant.nullable() }))
    .meta({ description: '2: the data that were used, and whence.' }),
  parameters: z
    .array(z.strictObject({ title: z.string(), value: z.string(), weight: z.string(), legalReference: z.string() }))
    .meta({ description: '3: the parameters, and their weight in this person’s case.' }),
  operations: z.array(z.string()).meta({ description: '4: the operations that were carried out.' }),
  explanation: explanation
    .nullable()
    .meta({ description: 'As it was found, in this language; null where it was not kept in it.' }),
})

/** A public Ed25519 key (RFC 8037); the private part is refused, so that it never travels. */
const agentKey = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  kid: z.string().min(1).max(128).optional(),
  use: z.literal('sig').optional(),
  alg: z.literal('EdDSA').optional(),
})

const delegated = {
  agent: agentNamed,
  procedures: z.array(name).min(1).max(100),
  outcomes: z.array(decisionOutcome).min(1).max(3),
  fromDay: parisDay.meta({ description: 'The first day, included.' }),
  toDay: parisDay.meta({ description: 'The last day, included.' }),
  legalReference: z.string().min(1).max(500).meta({
    description: 'The act that delegates, and where it was published (CRPA L212-1).',
  }),
}

export const delegationGiven = z.strictObject({ ...delegated, jwk: agentKey })

export const delegation = z
  .strictObject({
    delegationId: z.string(),
    agent: agentNamed,
    jwk: z.unknown().meta({ description: 'The agent’s public key (RFC 8037).' }),
    procedures: z.array(z.string()),
    outcomes: z.array(decisionOutcome.or(z.literal('unknown'))),
    fromDay: parisDay,
    toDay: parisDay,
    legalReference: z.string(),
    endedAt: instant.nullable(),
  })
  .meta({ id: 'Delegation', description: 'Who may sign what, under which text (CRPA L212-1).' })

export const delegationAnswered = z.strictObject({ delegation })
