/** A text in both languages of the interface. */
export interface Bilingual {
  readonly fr: string
  readonly en: string
}
/** The same, and in easy-to-read French (FALC). */
export interface ThreeTexts extends Bilingual {
  readonly falc: string
}

export type Unit = 'days' | 'weeks' | 'months'

/** How well a legal reference was checked: read itself, read in part, read in another's words, or general knowledge. */
export type Checked = 'read' | 'verify' | 'secondary' | 'known'

export interface Reference {
  readonly citation: string
  readonly checked: Checked
  readonly source?: string | undefined
}

/** Where a fact can be had without asking the person: a field of an evidence type or the id of a predicate, for a purpose. */
export interface FactSource {
  readonly evidenceType: string
  readonly field: string
  readonly purpose: string
}

interface FactAsked {
  readonly title: Bilingual
  readonly question: Bilingual
  readonly hint?: Bilingual | undefined
  readonly sources: readonly FactSource[]
}
export interface NumberFact extends FactAsked {
  readonly kind: 'number'
  /** As publicodes writes it: `€/an`, `personne`, `an`. */
  readonly unit: string
  readonly minimum: number
  readonly maximum: number
  /** Most digits after the point. */
  readonly decimals: number
}
export interface YesNoFact extends FactAsked {
  readonly kind: 'yes-no'
}
export interface ChoiceFact extends FactAsked {
  readonly kind: 'choice'
  readonly choices: Readonly<Record<string, Bilingual>>
}
/** One input of a rule. */
export type FactAskedFor = NumberFact | YesNoFact | ChoiceFact
export type FactValue = number | boolean | string
/** What is known, by the names of the facts. */
export type Facts = ReadonlyMap<string, FactValue>

/** Amounts by a whole number: a row for each up to the last, then `further` for each one more. */
export interface Table {
  /** The number fact, or rule, by which it is looked up. */
  readonly by: string
  readonly unit: string
  readonly rows: readonly (readonly [at: number, amount: number])[]
  /** Absent: nothing above the last row, which is then the same for all above. */
  readonly further?: number | undefined
  readonly reference: string
}

/** One requirement of a right: the name of a yes-or-no rule, and the sentences for each of its values. */
export interface Condition {
  readonly title: Bilingual
  readonly yes: ThreeTexts
  readonly no: ThreeTexts
  readonly unknown: ThreeTexts
  readonly reference: string
}

/** How conditions make a right. */
export type Requirement = string | { readonly all: readonly Requirement[] } | { readonly any: readonly Requirement[] }

/** What a right is worth: an amount, or one of several forms of it. */
export type Given =
  | { readonly kind: 'amount'; readonly title: Bilingual; readonly unit: string; readonly decimals: number }
  | { readonly kind: 'choice'; readonly title: Bilingual; readonly choices: Readonly<Record<string, Bilingual>> }

/** The three values of Kleene's logic. */
export type Answer = 'yes' | 'no' | 'unknown'

/** What a rule must find for some facts; run at each load. */
export interface Case {
  readonly name: string
  readonly facts: Readonly<Record<string, FactValue>>
  readonly answer: Answer
  readonly gives?: Readonly<Record<string, number | string>> | undefined
  /** The first fact that is asked next. */
  readonly asksNext?: string | undefined
}

/** The rule of one benefit for one validity, as it was published. */
export interface RuleRelease {
  readonly benefit: string
  readonly title: Bilingual
  /** Days in Europe/Paris, YYYY-MM-DD, both included. */
  readonly validFrom: string
  readonly validTo?: string | undefined
  readonly author: string
  readonly reviewer: string
  readonly references: Readonly<Record<string, Reference>>
  /** What it leaves out or simplifies. */
  readonly scope: readonly Bilingual[]
  /** The rule says whether asking is worth it, and no more. */
  readonly isOrientation: boolean
  readonly facts: Readonly<Record<string, FactAskedFor>>
  readonly tables: Readonly<Record<string, Table>>
  /** publicodes (https://publi.codes), by name. */
  readonly rules: Readonly<Record<string, unknown>>
  readonly conditions: Readonly<Record<string, Condition>>
  readonly entitledWhen: Requirement
  readonly gives: Readonly<Record<string, Given>>
  readonly summary: Readonly<Record<Answer, ThreeTexts>>
  readonly cases: readonly Case[]
}

/** The evidence types that the facts of a rule name as their sources, each once. */
export const evidenceTypesOf = ({ facts }: Pick<RuleRelease, 'facts'>): string[] => [
  ...new Set(Object.values(facts).flatMap(({ sources }) => sources.map(({ evidenceType }) => evidenceType))),
]

/** What is wrong with a release or a procedure: where, and what to do. */
export interface Fault {
  /** Keys from the root, with `/` between. */
  readonly at: string
  readonly what: string
}
