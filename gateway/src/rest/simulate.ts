import { z } from 'zod'
import { factOf, simulated } from '../simulation.js'
import { finding, noRelease, simulation } from './eligibility-schemas.js'
import { operation } from './operation.js'

export const simulate = operation({
  id: 'simulate',
  method: 'POST',
  path: '/v1/eligibility/simulations',
  summary: 'What a rule finds for facts that somebody typed, and why; nobody is named and nothing is stored',
  kinds: ['agency'],
  isPublic: true,
  body: simulation,
  responses: {
    200: {
      description: 'What the rule finds, or that no rule is in force on the day, so that nothing is decided.',
      schema: z.union([z.strictObject({ finding }), z.strictObject({ noRelease })]),
    },
  },
  refusals: ['UNAVAILABLE', 'BENEFIT_UNKNOWN', 'FACT_INVALID'],
  handle: async ({ body, deadline }, { neighbours }) => {
    const { benefit, day = '', language = '', facts } = body
    const asked = { benefit, day, language, facts: Object.entries(facts).map(([name, value]) => factOf(name, value)) }
    return { body: await simulated(neighbours.eligibility, asked, deadline) }
  },
})
