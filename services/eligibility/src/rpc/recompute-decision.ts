import type { PlainRpc } from '@unefois/chassis/rpc'
import type {
  RecomputeDecisionRequest,
  RecomputeDecisionResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { Finding } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { algorithmOfFile } from '../algorithm-of-file.js'
import type { DecisionReading } from '../decision-needs.js'
import { languages } from '../domain/explanation.js'
import { factsUsed } from '../ruling.js'
import { findingView } from './finding-view.js'

/** What a decision rested on, in bytes; the release is known by its name, and what replaced it since is no matter. */
const written = (finding: Finding): Buffer => Buffer.from(Finding.encode({ ...finding, release: undefined }).finish())

const areSame = (some: readonly Finding[], others: readonly Finding[]): boolean =>
  Buffer.concat(some.map(written)).equals(Buffer.concat(others.map(written)))

/** Errors: DECISION_UNKNOWN, DECISION_WITHOUT_ALGORITHM. */
export const recomputeDecision = (
  needs: DecisionReading,
): PlainRpc<RecomputeDecisionRequest, RecomputeDecisionResponse> => ({
  request: z.object({ decisionId: z.uuid() }),
  handle: async ({ decisionId }) => {
    const file = await needs.decisions.get(decisionId, undefined)
    if (!file) throw new MeshError('DECISION_UNKNOWN')
    const { read, used, kept } = await algorithmOfFile(needs, file)
    const facts = factsUsed(used)
    const findings = languages.map((language) => findingView(needs.book, read, facts, language))
    return {
      isSame: areSame(findings, kept.findings),
      finding: findings.find(({ explanation }) => explanation?.language === file.language),
    }
  },
})
