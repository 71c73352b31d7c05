import type { Declaration, DeclarationStep } from '../gen/unefois/documents/v1/declarations.js'

/** What an answer says, as its receipt names it. */
export interface SaidAnswer {
  readonly outcome: 'accepted' | 'needs-more' | 'not-concerned'
  readonly words: string
  /** Until when what is missing is awaited; 0 where nothing is. */
  readonly until_ms: number
  readonly answered_by: string
}

/** An answer in its flat form; undefined for one that this version does not know. */
export const saidAnswer = (step: DeclarationStep['step']): SaidAnswer | undefined => {
  if (step?.$case !== 'answer') return undefined
  const { answer, answeredBy: answered_by } = step.value
  switch (answer?.$case) {
    case 'accepted':
      return { outcome: 'accepted', words: answer.value.words, until_ms: 0, answered_by }
    case 'needsMore':
      return { outcome: 'needs-more', words: answer.value.what, until_ms: answer.value.untilMs, answered_by }
    case 'notConcerned':
      return { outcome: 'not-concerned', words: answer.value.reasons, until_ms: 0, answered_by }
    case undefined:
      return undefined
  }
}

/** What was said in a step of a declaration: its hash stands in the receipt of that step. Error: the content is no JSON. */
export const saidInStep = ({ contentJson }: Pick<Declaration, 'contentJson'>, { step }: DeclarationStep): object => {
  if (step?.$case === 'received') return JSON.parse(contentJson) as object
  if (step?.$case === 'supplement') return { statement: step.value.statement }
  return saidAnswer(step) ?? {}
}
