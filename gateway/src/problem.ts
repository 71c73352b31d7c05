import { MeshError, type Reason, reasons, toMeshError } from '@unefois/proto/reasons'
import type { Language } from './language.js'
import { reasonsInFrench } from './problem-fr.js'

/** A refusal as HTTP carries it (RFC 9457), with what the reader can do next. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly next: string
  readonly reason: Reason
  readonly facts: Readonly<Record<string, string>>
  readonly traceId: string
}

/** Title and next step of a reason. */
export const wordsOf = (reason: Reason, language: Language): { title: string; next: string } =>
  language === 'fr' ? reasonsInFrench[reason] : reasons[reason]

/** A reason's stable URI; it identifies and is not meant to be opened. */
export const typeOf = (reason: Reason): string => `urn:unefois:reason:${reason}`

export const problemOf = (error: MeshError, language: Language, traceId: string): Problem => {
  const { reason, facts, message } = error
  const { title, next } = wordsOf(reason, language)
  const specific = message.startsWith(`${reasons[reason].title} `)
    ? message.slice(reasons[reason].title.length + 1)
    : ''
  return {
    type: typeOf(reason),
    title,
    status: reasons[reason].http,
    detail: specific || factsInWords(facts) || title,
    next,
    reason,
    facts,
    traceId,
  }
}

const factsInWords = (facts: Readonly<Record<string, string>>): string =>
  Object.entries(facts)
    .map(([name, value]) => `${name}: ${value}`)
    .join('; ')

/** The WWW-Authenticate header that a refusal asks for: RFC 6750, and RFC 9470 where a higher login would help. */
export const challengeOf = ({ reason, facts }: MeshError, member: string): string | undefined => {
  if (reason === 'TOKEN_MISSING') return `Bearer realm="${member}"`
  if (reason === 'ASSURANCE_TOO_LOW') {
    const acr = /^[A-Za-z0-9:/._-]+$/.exec(facts.required_acr ?? '')?.[0]
    const levels = acr === undefined ? '' : `, acr_values="${acr}"`
    return `Bearer error="insufficient_user_authentication", error_description="${reasons[reason].title}"${levels}`
  }
  return reasons[reason].http === 401 ? `Bearer error="invalid_token", error_description="${reason}"` : undefined
}

const reasonOfCode: Readonly<Record<string, Reason>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'REQUEST_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'CONTENT_TYPE_UNSUPPORTED',
}

/** Whatever was thrown while an HTTP request was handled, the HTTP library's own errors included. */
export const errorOf = (thrown: unknown): MeshError => {
  if (thrown instanceof MeshError) return thrown
  const { code, statusCode } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as {
    code?: string
    statusCode?: number
  }
  const known = code === undefined ? undefined : reasonOfCode[code]
  if (known) return new MeshError(known)
  const isClients = statusCode !== undefined && statusCode >= 400 && statusCode < 500
  return isClients ? new MeshError('REQUEST_MALFORMED', { cause: thrown }) : toMeshError(thrown)
}
