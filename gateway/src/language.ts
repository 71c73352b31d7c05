import type { FastifyRequest } from 'fastify'

export type Language = 'fr' | 'en'
export type Bilingual = Readonly<Record<Language, string>>

export const isLanguage = (value: unknown): value is Language => value === 'fr' || value === 'en'

/** The best of French and English for an Accept-Language header (RFC 9110 §12.5.4). */
export const chooseLanguage = (header: string | undefined, otherwise: Language): Language => {
  const wishes = (header ?? '').split(',').flatMap((part) => {
    const [range = '', ...parameters] = part.trim().toLowerCase().split(';')
    const language = range.trim().split('-')[0]
    const weight = parameters.map((one) => /^\s*q=(\d(?:\.\d{0,3})?)\s*$/.exec(one)?.[1]).find(Boolean)
    return isLanguage(language) ? [{ language, weight: weight === undefined ? 1 : Number(weight) }] : []
  })
  const wanted = wishes.filter(({ weight }) => weight > 0).sort((a, b) => b.weight - a.weight)
  return wanted[0]?.language ?? otherwise
}

/** What a request is answered in: the page's own choice, the remembered one, the browser's, or the given default. */
export const languageOf = (request: FastifyRequest, cookie: string, otherwise: Language): Language => {
  const { lang } = request.query as { lang?: unknown }
  if (isLanguage(lang)) return lang
  const remembered = request.cookies?.[cookie]
  return isLanguage(remembered) ? remembered : chooseLanguage(request.headers['accept-language'], otherwise)
}
