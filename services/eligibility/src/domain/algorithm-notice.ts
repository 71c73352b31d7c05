import { inLanguage, type Language } from './explanation.js'
import type { ProcedureData } from './procedure.js'
import type { ProcedureText } from './procedure-application.js'
import type { Bilingual } from './release.js'

/** A text in the language asked for; the French where nobody wrote an easy one. */
export const textIn = ({ falc, ...both }: ProcedureText, language: Language): string =>
  language === 'fr-x-falc' && falc !== undefined ? falc : inLanguage(both, language)

/** Whom to ask. */
type Service = ProcedureData['service']

const notices = {
  fr: (purpose: string, { name, address, telephone }: Service) =>
    `Cette décision a été prise sur le fondement d’un traitement algorithmique. Sa finalité : ${purpose} Vous avez le droit d’obtenir la communication des règles qui définissent ce traitement et des principales caractéristiques de sa mise en œuvre (code des relations entre le public et l’administration, articles L311-3-1 et R311-3-1-1 et suivants). Demandez-la ici en ligne, ou auprès de ce service : ${name.fr}, ${address}, ${telephone}. S’il refuse, ou ne répond pas dans un délai d’un mois, vous pouvez saisir dans les deux mois la Commission d’accès aux documents administratifs (CADA).`,
  en: (purpose: string, { name, address, telephone }: Service) =>
    `This decision was taken on the basis of an algorithm. Its purpose: ${purpose} You have the right to be told the rules that define it and the main characteristics of how it was applied (CRPA, articles L311-3-1 and R311-3-1-1 onwards). Ask for them here online, or from this service: ${name.en}, ${address}, ${telephone}. If it refuses, or does not answer within a month, you can go within two months to the Commission for access to administrative documents (CADA).`,
} as const

/** The notice that a decision carries in which a rule took part (CRPA L311-3-1, R311-3-1-1). */
export const algorithmNotice = (purpose: Bilingual, service: Service, language: 'fr' | 'en'): string =>
  notices[language](purpose[language], service)
