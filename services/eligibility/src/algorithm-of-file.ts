import type { Queryable } from '@unefois/chassis/postgres'
import type { AlgorithmUsed, DecisionFile } from '@unefois/proto/gen/unefois/eligibility/v1/decision_file'
import { MeshError } from '@unefois/proto/reasons'
import type { DecisionReading } from './decision-needs.js'
import type { ProcedureText } from './domain/procedure-application.js'
import type { Explicable } from './explained-decision.js'

/** How a rule took part in a decision, read from its file and the release that it names. */
export interface AlgorithmOfFile extends Explicable {
  readonly kept: AlgorithmUsed
}

const textOf = (text: { fr: string; en: string } | undefined, falc: string): ProcedureText => ({
  fr: text?.fr ?? '',
  en: text?.en ?? '',
  ...(falc !== '' && { falc }),
})

/** Error: DECISION_WITHOUT_ALGORITHM. */
export const algorithmOfFile = async (
  { releases, book }: Pick<DecisionReading, 'releases' | 'book'>,
  { algorithm, used, signatureJws }: DecisionFile,
  db?: Queryable,
): Promise<AlgorithmOfFile> => {
  if (!algorithm) throw new MeshError('DECISION_WITHOUT_ALGORITHM')
  const stored = await releases.get(algorithm.releaseSha256, db)
  if (!stored) throw new Error(`release ${algorithm.releaseSha256} of a decision is not kept`)
  return {
    kept: algorithm,
    read: book.open(stored),
    used,
    algorithm: {
      purpose: textOf(algorithm.purpose, algorithm.purposeFalc),
      contribution: textOf(algorithm.contribution, algorithm.contributionFalc),
    },
    isSigned: signatureJws !== '',
  }
}
