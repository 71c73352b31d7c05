import type { FastifyReply, FastifyRequest } from 'fastify'

/** The cookies of one gateway. Their names carry the member, because browsers share cookies among ports of one host. */
export interface CookieNames {
  readonly session: string
  /** Binds a login under way to the browser that began it. */
  readonly browser: string
  /** Set at logout: the next login must ask again, because the identity provider may still remember somebody. */
  readonly left: string
  readonly language: string
}

/** `__Host-` (RFC 6265bis): only over TLS, for this host alone. */
export const cookieNames = (member: string, publicUrl: string): CookieNames => {
  const prefix = publicUrl.startsWith('https:') ? '__Host-' : ''
  const name = (use: string): string => `${prefix}unefois-${member}-${use}`
  return { session: name('session'), browser: name('browser'), left: name('left'), language: name('language') }
}

export const cookieOf = (request: FastifyRequest, name: string): string | undefined => request.cookies[name]

export const setCookie = (
  reply: FastifyReply,
  name: string,
  value: string,
  { secure, maxAgeSeconds }: { secure: boolean; maxAgeSeconds: number },
): void => {
  reply.setCookie(name, value, {
    path: '/',
    httpOnly: true,
    // Lax, not Strict: the way back from the identity provider and from the consent authority starts on another site.
    sameSite: 'lax',
    secure,
    maxAge: Math.max(0, Math.floor(maxAgeSeconds)),
  })
}
