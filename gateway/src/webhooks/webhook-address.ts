import { MeshError } from '@unefois/proto/reasons'

/**
 * An address that events may be sent to: its origin stands in this gateway's configuration, and it carries no credentials, which
 * logs would keep. Error: WEBHOOK_URL_NOT_ALLOWED.
 */
export const requireAllowedAddress = (text: string, origins: readonly string[]): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isAllowed =
    url !== undefined && origins.includes(url.origin) && url.username === '' && url.password === '' && url.hash === ''
  if (!isAllowed) throw new MeshError('WEBHOOK_URL_NOT_ALLOWED', { facts: { field: 'url' } })
  return url.href
}
