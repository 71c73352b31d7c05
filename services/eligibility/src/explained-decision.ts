import type { Federation } from '@unefois/proto/federation'
import type { FactUsed } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { type AlgorithmExplained, explainAlgorithm } from './domain/algorithm-explanation.js'
import { explain, inLanguage, type Language, languages } from './domain/explanation.js'
import { find } from './domain/finding.js'
import type { ApplicationTerms } from './domain/procedure-application.js'
import type { ReadRelease } from './rule-book.js'
import { factsUsed } from './ruling.js'

/** What an explanation is written from. */
export interface Explicable {
  readonly read: ReadRelease
  readonly used: readonly FactUsed[]
  readonly algorithm: NonNullable<ApplicationTerms['algorithm']>
  readonly isSigned: boolean
}

/** The name of a member, or its id where it is none any more. */
const nameIn = ({ claims }: Federation, member: string, language: Language): string => {
  const name = claims.members.find(({ id }) => id === member)?.name
  return name ? inLanguage(name, language) : member
}

/** The four parts of CRPA R311-3-1-2; undefined where they cannot be written. */
export const explainedDecision = (
  { read, used, algorithm, isSigned }: Explicable,
  federation: Federation,
  language: Language,
): AlgorithmExplained | undefined => {
  const { release, computation, stored } = read
  const facts = factsUsed(used)
  const explanation = explain(release, computation, facts, find(release, computation, facts), language)
  const values = used.flatMap(({ fact, isSelfDeclared, provider, asOfMs }) =>
    fact
      ? [{ fact: fact.name, toldBy: isSelfDeclared ? undefined : nameIn(federation, provider, language), asOfMs }]
      : [],
  )
  return explainAlgorithm(
    { release, computation, sha256: stored.sha256 },
    algorithm,
    { facts, used: values, explanation, isSigned },
    language,
  )
}

/** Whether it can be explained in every language: a decision that cannot is not issued. */
export const isExplicable = (what: Explicable, federation: Federation): boolean =>
  languages.every((language) => explainedDecision(what, federation, language) !== undefined)
