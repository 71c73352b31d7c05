import {
  Answer,
  FactKind,
  type Finding,
  type MissingFact,
  type SimulateRequest,
  type SimulateResponse,
} from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { type Procedure, ProcedureKind, Silence, Way } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import type { Release } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import { MeshError } from '@unefois/proto/reasons'

// A benefit of the tests alone: residents whose resources are at most 1,000 €, with an amount that also needs the number of meals.

const two = (fr: string, en: string) => ({ fr, en })

export const releaseSha256 = 'a'.repeat(64)
export const aRelease: Release = {
  sha256: releaseSha256,
  benefit: 'meal-aid',
  title: two('Aide aux repas', 'Meal aid'),
  validFrom: '2025-04-01',
  validTo: '2026-03-31',
  author: 'Camille Autrice',
  reviewer: 'Nour Relectrice',
  legalReferences: [{ citation: 'Article 7', checked: 'secondary', source: 'https://law.invalid/7' }],
  scope: [two('Les repas du soir ne comptent pas.', 'Evening meals do not count.')],
  publishedAtMs: 1_700_000_000_000,
  replacedBy: '',
}

export const aProcedure: Procedure = {
  id: 'meals',
  sha256: 'b'.repeat(64),
  kind: ProcedureKind.PROCEDURE_KIND_BENEFIT,
  title: two('Aide aux repas', 'Meal aid'),
  summary: two('La mairie paie une partie des repas.', 'The town pays a part of the meals.'),
  benefit: 'meal-aid',
  purposes: ['leisure-card'],
  service: {
    name: two('Service des écoles', 'Schools office'),
    address: '1 place de la Mairie',
    telephone: '01 00 00 00 00',
    hours: two('Du lundi au vendredi', 'Monday to Friday'),
  },
  fields: [
    {
      id: 'resources',
      title: two('Ressources', 'Resources'),
      isMandatory: true,
      evidenceType: 'resources',
      field: 'resources.value',
      isGivenByPerson: false,
    },
    {
      id: 'school',
      title: two('École', 'School'),
      isMandatory: true,
      evidenceType: '',
      field: '',
      isGivenByPerson: true,
    },
  ],
  steps: [
    {
      id: 'ask',
      title: two('Déposer la demande', 'Hand in the request'),
      ways: [Way.WAY_ONLINE, Way.WAY_COUNTER, Way.WAY_TELEPHONE, Way.WAY_POST],
    },
  ],
  silence: { silence: Silence.SILENCE_REJECTION, count: 2, unit: 'months', legalReference: 'CRPA, article L231-4' },
  remedies: [
    {
      title: two('Écrire au maire', 'Write to the mayor'),
      count: 2,
      unit: 'months',
      isMandatoryFirst: true,
      legalReference: 'Article 9',
    },
  ],
  legalReferences: [{ citation: 'Article 7', checked: 'read', source: '' }],
  takesApplications: true,
  isAutomatic: true,
  completionCount: 1,
  completionUnit: 'months',
  publishedAtMs: 1_700_000_000_000,
  faults: [],
}

const nothing = { hint: '', unit: '', minimum: 0, maximum: 0, decimals: 0, choices: [], sources: [] }
type Language = 'fr' | 'en'
const asked = (language: Language): Readonly<Record<'resident' | 'resources' | 'diet', MissingFact>> => ({
  resident: {
    ...nothing,
    name: 'resident',
    kind: FactKind.FACT_KIND_YES_NO,
    question: two('Habitez-vous ici ?', 'Do you live here?')[language],
  },
  resources: {
    ...nothing,
    name: 'home . resources',
    kind: FactKind.FACT_KIND_NUMBER,
    question: two('Quelles sont vos ressources ?', 'What are your resources?')[language],
    hint: two('De l’année dernière.', 'Of last year.')[language],
    unit: '€/an',
    maximum: 10_000,
    decimals: 2,
  },
  diet: {
    ...nothing,
    name: 'diet',
    kind: FactKind.FACT_KIND_CHOICE,
    question: two('Quel repas ?', 'Which meal?')[language],
    choices: [
      { value: 'plain', title: two('Ordinaire', 'Plain')[language] },
      { value: 'vegetarian', title: two('Végétarien', 'Vegetarian')[language] },
    ],
  },
})

const kleene = (value: boolean | undefined): Answer =>
  value === undefined ? Answer.ANSWER_UNKNOWN : value ? Answer.ANSWER_YES : Answer.ANSWER_NO

const finding = (given: Readonly<Record<string, unknown>>, language: string): Finding => {
  const questions = asked(language === 'en' ? 'en' : 'fr')
  const { resident, diet } = given
  const resources = given['home . resources'] as number | undefined
  const isBelow = resources === undefined ? undefined : resources <= 1000
  const isUnknown = (resident === undefined && isBelow !== false) || (isBelow === undefined && resident !== false)
  const answer = isUnknown ? Answer.ANSWER_UNKNOWN : kleene(resident === true && isBelow === true)
  const isNo = answer === Answer.ANSWER_NO
  const missing = isNo
    ? []
    : [
        ...(resident === undefined ? [questions.resident] : []),
        ...(resources === undefined ? [questions.resources] : []),
        ...(diet === undefined ? [questions.diet] : []),
      ]
  return {
    answer,
    release: aRelease,
    gives:
      answer === Answer.ANSWER_YES && diet !== undefined
        ? [
            {
              name: 'aid',
              title: 'Aid',
              value: { $case: 'amount', value: 12.5 },
              unit: '€/mois',
              text: '12,50 € par mois',
            },
          ]
        : [],
    missing,
    explanation: {
      language,
      summary: `Summary in ${language}.`,
      conditions: [
        {
          name: 'resident',
          title: 'Resident',
          answer: kleene(resident as boolean | undefined),
          sentence: `Resident: ${resident}.`,
          hasDecided: isNo ? resident === false : true,
          legalReference: 'Article 7',
        },
        {
          name: 'below',
          title: 'Below the ceiling',
          answer: kleene(isBelow),
          sentence: `Yes up to 1 000 €; told: ${resources}.`,
          hasDecided: isNo ? isBelow === false : true,
          legalReference: 'Article 8',
        },
      ],
      scope: ['Evening meals do not count.'],
    },
  }
}

/** Applies the rule as an eligibility service would; of its release no day after 2026-03-31 is in force. */
export const simulateMeals = async (request: SimulateRequest): Promise<SimulateResponse> => {
  const { benefit, day, facts, language } = request
  if (benefit !== aRelease.benefit) throw new MeshError('BENEFIT_UNKNOWN')
  if (day > aRelease.validTo) return { outcome: { $case: 'noRelease', value: { day, nearest: aRelease } } }
  const given = Object.fromEntries(facts.flatMap(({ name, value }) => (value ? [[name, value.value]] : [])))
  if (Number(given['home . resources'] ?? 0) > 10_000)
    throw new MeshError('FACT_INVALID', { facts: { field: 'home . resources' } })
  if (Object.keys(given).some((name) => !['resident', 'home . resources', 'diet'].includes(name)))
    throw new MeshError('FACT_INVALID', { facts: { field: '' } })
  return { outcome: { $case: 'finding', value: finding(given, language) } }
}
