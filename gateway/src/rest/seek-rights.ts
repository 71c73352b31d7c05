import type { RightSought } from '@unefois/proto/gen/unefois/eligibility/v1/rights'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { factsUsed, factsUsedView, notObtained, notObtainedView } from './assessment-views.js'
import { finding, noRelease } from './eligibility-schemas.js'
import { findingView, noReleaseView } from './eligibility-views.js'
import { operation } from './operation.js'
import { name, subjectId } from './schemas.js'

const person = { subject: z.string() }
const found = z.discriminatedUnion('outcome', [
  z
    .strictObject({ ...person, outcome: z.literal('assessed'), finding, used: factsUsed, notObtained })
    .meta({ description: 'What the rule finds; a yes is a right that the person does not receive.' }),
  z
    .strictObject({ ...person, outcome: z.literal('receives') })
    .meta({ description: 'A decision of this agency in force gives it already; nobody was asked.' }),
  z
    .strictObject({ ...person, outcome: z.literal('has-opposed') })
    .meta({ description: 'The person opposes this use, and is not contacted about it.' }),
  z
    .strictObject({ ...person, outcome: z.literal('refused'), reason: z.string() })
    .meta({ description: 'For this person alone; the others were looked for.' }),
])

const foundView = ({ subject, outcome }: RightSought): z.infer<typeof found> => {
  switch (outcome?.$case) {
    case 'receives':
      return { subject, outcome: 'receives' }
    case 'hasOpposed':
      return { subject, outcome: 'has-opposed' }
    case 'refused':
      return { subject, outcome: 'refused', reason: outcome.value }
    default: {
      const assessment = outcome?.value
      const shown = assessment?.finding && findingView(assessment.finding)
      if (!shown) throw new MeshError('INTERNAL', { cause: 'a right sought without an outcome' })
      return {
        subject,
        outcome: 'assessed',
        finding: shown,
        used: factsUsedView(assessment.used),
        notObtained: notObtainedView(assessment.notObtained),
      }
    }
  }
}

export const seekRights = operation({
  id: 'seekRights',
  method: 'POST',
  path: '/v1/eligibility/rights-sought',
  summary:
    'Looks, for people whom the agency knows, whether a rule finds a right that they do not receive; nothing is kept of it, and who opposed is not asked about',
  kinds: ['agency'],
  hasEffect: true,
  body: z.strictObject({
    procedure: name,
    campaign: name.meta({ description: 'The agency’s own name of the search that this is part of.' }),
    subjects: z
      .array(subjectId)
      .min(1)
      .max(50)
      .refine((all) => new Set(all).size === all.length, 'names one twice')
      .meta({ description: 'Each once.' }),
    language: z.enum(['fr', 'en', 'fr-x-falc']).optional().meta({ description: '`fr-x-falc`: easy-to-read French.' }),
  }),
  responses: {
    200: {
      description: 'What was found about each, in the order of the request; or that no rule is in force today.',
      schema: z.union([z.strictObject({ people: z.array(found) }), z.strictObject({ noRelease })]),
    },
  },
  refusals: ['CALLER_NOT_ALLOWED', 'PROCEDURE_UNKNOWN', 'BENEFIT_UNKNOWN'],
  handle: async ({ body, accessToken, deadline, idempotencyKey }, { neighbours }) => {
    const { outcome } = await neighbours.rights.seekRights(
      { ...body, language: body.language ?? '' },
      { deadline, accessToken, idempotencyKey },
    )
    if (outcome?.$case === 'noRelease') return { body: { noRelease: noReleaseView(outcome.value) } }
    if (!outcome) throw new MeshError('INTERNAL', { cause: 'a search without an outcome' })
    return { body: { people: outcome.value.people.map(foundView) } }
  },
})
