import { randomUUID } from 'node:crypto'
import { nowSeconds, parisDay } from '@unefois/chassis/clock'
import type { Transaction } from '@unefois/chassis/postgres'
import type { Application } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { type Decision, type DecisionMade, Outcome } from '@unefois/proto/gen/unefois/eligibility/v1/decisions'
import { type DecisionBasis, decisionBasis, languageOf, statementOn } from './decision-basis.js'
import type { DecisionNeeds } from './decision-needs.js'
import { type FoundInFile, grantsByItself } from './domain/automatic-grant.js'
import { givenInWords, inLanguage } from './domain/explanation.js'
import { evidenceTypesOf } from './domain/release.js'
import { canBeExplained, issue } from './issue.js'
import type { Ruling } from './ruling.js'

const foundIn = (
  { runtime }: Pick<DecisionNeeds, 'runtime'>,
  { read: { release, computation }, facts, finding, used }: Ruling,
): FoundInFile => {
  const decisive = [...finding.decidedBy, ...Object.keys(release.gives)]
  const needed = decisive.flatMap((name) => [...computation.factsFor(name)])
  const namesOf = (isSelfDeclared: boolean): Set<string> =>
    new Set(used.flatMap((each) => (each.fact && each.isSelfDeclared === isSelfDeclared ? [each.fact.name] : [])))
  const { evidenceTypes } = runtime.federation.current.claims
  const special = evidenceTypes.flatMap(({ id, specialCategory }) => (specialCategory ? [id] : []))
  return {
    answer: finding.answer,
    missing: finding.missing,
    deciding: new Set(needed.filter((fact) => facts.has(fact))),
    fromEvidence: namesOf(false),
    declared: namesOf(true),
    hasSpecialSource: evidenceTypesOf(release).some((type) => special.includes(type)),
  }
}

/** What the rule gives, in words; what the procedure is called where it gives a plain yes. */
const madeOf = ({ application, procedure }: DecisionBasis, { read, finding }: Ruling): DecisionMade => {
  const language = languageOf(application)
  const gifts = [...finding.gives].flatMap(([name, value]) => {
    const given = read.release.gives[name]
    if (!given) return []
    const title = inLanguage(given.title, language)
    return [`${title}${language === 'fr' ? ' : ' : ': '}${givenInWords(read.release, name, value, language)}`]
  })
  const gives = gifts.length > 0 ? gifts.join('\n') : procedure.title[language]
  return { outcome: Outcome.OUTCOME_GRANTED, reasons: '', gives, fromDay: '', toDay: '' }
}

/**
 * Grants an application without anybody signing where its procedure does so and the file lets it (Loi 78-17, article 47);
 * otherwise undefined, and a person decides. The caller has locked the application, which is as it was saved.
 */
export const grantByItself = async (
  needs: DecisionNeeds,
  tx: Transaction,
  application: Application,
): Promise<Decision | undefined> => {
  const { runtime } = needs
  const basis = await decisionBasis(needs, application, tx)
  const ruling = basis.rule?.ruling
  if (!ruling) return undefined
  const found = foundIn(needs, ruling)
  if (!grantsByItself(application, basis.terms, found, parisDay(runtime.clock))) return undefined
  if (!canBeExplained(needs, basis, false)) return undefined
  const made = madeOf(basis, ruling)
  const when = { iss: runtime.member, decision: randomUUID(), iat: nowSeconds(runtime.clock) }
  return issue(needs, tx, basis, { made, statement: statementOn(basis, made, when, undefined), signedBy: undefined })
}
