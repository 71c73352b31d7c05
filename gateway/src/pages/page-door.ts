import formbody from '@fastify/formbody'
import { Deadline } from '@unefois/chassis/deadline'
import { MeshError } from '@unefois/proto/reasons'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { requirePerson } from '../asking-members.js'
import type { GatewayContext } from '../context.js'
import { isLanguage, languageOf } from '../language.js'
import { type CookieNames, cookieNames, cookieOf, setCookie } from '../session/cookies.js'
import type { SessionSecrets } from '../session/secrets.js'
import type { Session, Sessions } from '../session/sessions.js'
import { inTrace } from '../trace.js'
import { document } from './layout.js'
import { typeset } from './typography.js'
import type { Page, PageAnswer, PersonalVisit, Visit } from './visit.js'
import { Words } from './words.js'

const yearSeconds = 365 * 24 * 3600

/** No script, no frame, no foreign resource; a form leads to us or to the origins that its page names. */
export const contentSecurityPolicy = (formTargets: readonly string[] = []): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const mostBytes = 16 * 1024
/** Of a form for which one has logged in: some hold pages of one's own words. */
const mostPersonalBytes = 96 * 1024

const sentFields = z.record(z.string().max(200), z.string().max(200))
/** What a form sent, by the names of its fields, in their order. */
export type SentFields = Readonly<z.infer<typeof sentFields>>

interface Parts {
  readonly context: GatewayContext
  readonly sessions: Sessions
  readonly secrets: SessionSecrets
}

/** The door for people: pages to read and forms to send, with the checks that each needs. */
export class PageDoor {
  readonly app: FastifyInstance
  readonly context: GatewayContext
  readonly sessions: Sessions
  readonly cookies: CookieNames
  readonly #secrets: SessionSecrets
  /** Routes whose addresses hold a secret. */
  readonly #secretRoutes = new Set<string>()

  private constructor(app: FastifyInstance, { context, sessions, secrets }: Parts) {
    this.app = app
    this.context = context
    this.sessions = sessions
    this.#secrets = secrets
    this.cookies = cookieNames(context.config.member, context.config.publicUrl)
  }

  static async open(app: FastifyInstance, parts: Parts): Promise<PageDoor> {
    app.removeAllContentTypeParsers()
    await app.register(formbody, { bodyLimit: mostBytes })
    return new PageDoor(app, parts)
  }

  /** A page for anybody; `personal` is the same visit by a person. Error of `personal`: LOGIN_REQUIRED. */
  show(url: string, answer: (visit: Visit, personal: () => PersonalVisit) => Promise<PageAnswer> | PageAnswer): void {
    this.#serve('GET', url, async (request) => {
      const visit = await this.visit(request)
      return [visit, await visit.deadline.race(Promise.resolve(answer(visit, () => this.#personal(visit))))]
    })
  }

  /** A page for a person who has logged in. Error: LOGIN_REQUIRED. */
  showPersonal(url: string, answer: (visit: PersonalVisit) => Promise<PageAnswer> | PageAnswer): void {
    this.#serve('GET', url, async (request) => {
      const visit = this.#personal(await this.visit(request))
      return [visit, await visit.deadline.race(Promise.resolve(answer(visit)))]
    })
  }

  /** A form of ours, sent by a person who has logged in. Errors: ORIGIN_NOT_ALLOWED, LOGIN_REQUIRED, REQUEST_INVALID. */
  submit<S extends z.ZodRawShape>(
    url: string,
    fields: S,
    answer: (visit: PersonalVisit, fields: z.infer<z.ZodObject<S>>, reply: FastifyReply) => Promise<PageAnswer>,
  ): void {
    const form = z.strictObject(fields)
    const answered = async (request: FastifyRequest, reply: FastifyReply): Promise<[Visit, PageAnswer]> => {
      this.#requireOwnOrigin(request)
      const visit = this.#personal(await this.visit(request))
      const { form_token: token, ...sent } = { ...(request.body as Record<string, unknown> | null) }
      if (typeof token !== 'string' || !this.#secrets.isFormToken(token, visit.session.id))
        throw new MeshError('ORIGIN_NOT_ALLOWED')
      const read = form.safeParse(sent)
      if (!read.success)
        throw new MeshError('REQUEST_INVALID', { facts: { field: read.error.issues[0]?.path.join('.') ?? '' } })
      return [visit, await visit.deadline.race(answer(visit, read.data as z.infer<z.ZodObject<S>>, reply))]
    }
    this.#serve('POST', url, answered, mostPersonalBytes)
  }

  /**
   * A form of ours that anybody sends and that changes nothing. It needs no token: forged, it would only show its sender a page;
   * the origin is asked for so that no other site shows its visitors, under our name, what it typed for them. Errors:
   * ORIGIN_NOT_ALLOWED, REQUEST_INVALID.
   */
  compute(url: string, answer: (visit: Visit, sent: SentFields) => Promise<PageAnswer>): void {
    this.#serve('POST', url, async (request) => {
      this.#requireOwnOrigin(request)
      const visit = await this.visit(request)
      const read = sentFields.safeParse({ ...(request.body as Record<string, unknown> | null) })
      if (!read.success)
        throw new MeshError('REQUEST_INVALID', { facts: { field: read.error.issues[0]?.path.join('.') ?? '' } })
      return [visit, await visit.deadline.race(answer(visit, read.data))]
    })
  }

  /**
   * A form of ours that anybody sends, for what needs no account: what is in it says by what right. It needs no token, because no
   * session acts by it. Errors: ORIGIN_NOT_ALLOWED, REQUEST_INVALID.
   */
  submitOpen<S extends z.ZodRawShape>(
    url: string,
    fields: S,
    answer: (visit: Visit, fields: z.infer<z.ZodObject<S>>) => Promise<PageAnswer>,
  ): void {
    const form = z.strictObject(fields)
    this.#serve('POST', url, async (request) => {
      this.#requireOwnOrigin(request)
      return this.#sentOpenly(request, form, answer)
    })
  }

  /** A page that whoever knows the secret in its address opens. No other site hears of the address, not even from us. */
  showSecret(url: string, answer: (visit: Visit) => Promise<PageAnswer>): void {
    this.#secretRoutes.add(url)
    this.show(url, answer)
  }

  /** A form on such a page. Who sends it knows the secret in its address, which a forger does not. Error: REQUEST_INVALID. */
  submitSecret<S extends z.ZodRawShape>(
    url: string,
    fields: S,
    answer: (visit: Visit, fields: z.infer<z.ZodObject<S>>) => Promise<PageAnswer>,
  ): void {
    const form = z.strictObject(fields)
    this.#secretRoutes.add(url)
    this.#serve('POST', url, async (request) => {
      this.#requireOwnOrNoOrigin(request)
      return this.#sentOpenly(request, form, answer)
    })
  }

  /** Who visits, in which language, until when. */
  async visit(request: FastifyRequest): Promise<Visit> {
    const { federation, config, clock } = this.context
    const language = languageOf(request, this.cookies.language, 'fr')
    const session = await this.#session(request)
    const path = this.#isReadable(request) ? request.url : '/'
    return {
      language,
      say: (french, english) => typeset(language === 'fr' ? french : english),
      words: new Words(federation.current, language),
      deadline: Deadline.after(config.requestDeadlineMs, clock),
      path,
      returnTo: this.#isSecret(request) ? '/' : path,
      params: request.params as Record<string, string>,
      query: request.query as Record<string, unknown>,
      ...(session && { session }),
    }
  }

  /** Sends a page as a whole document, kept by no cache. */
  send(reply: FastifyReply, visit: Visit, page: Page): FastifyReply {
    return reply
      .code(page.status ?? 200)
      .header('content-security-policy', contentSecurityPolicy(page.formTargets))
      .header('content-language', visit.language)
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(document(visit, page, this.context.config.member))
  }

  setCookie(reply: FastifyReply, name: string, value: string, maxAgeSeconds: number): void {
    setCookie(reply, name, value, { secure: this.context.config.publicUrl.startsWith('https:'), maxAgeSeconds })
  }

  #serve(
    method: 'GET' | 'POST',
    url: string,
    answer: (request: FastifyRequest, reply: FastifyReply) => Promise<[Visit, PageAnswer]>,
    bodyLimit = mostBytes,
  ): void {
    this.app.route({
      method,
      url,
      bodyLimit,
      handler: (request, reply) =>
        inTrace(request, async () => {
          // Also where it ends in a refusal: an address with a secret is told to nobody.
          if (this.#isSecret(request)) reply.header('referrer-policy', 'no-referrer').header('x-robots-tag', 'noindex')
          const { lang } = request.query as { lang?: unknown }
          if (isLanguage(lang)) this.setCookie(reply, this.cookies.language, lang, yearSeconds)
          const [visit, answered] = await answer(request, reply)
          if ('redirectTo' in answered)
            return reply.header('cache-control', 'no-store').redirect(answered.redirectTo, 303)
          if ('fileName' in answered)
            return reply
              .header('cache-control', 'no-store')
              .header('content-disposition', `attachment; filename="${answered.fileName}"`)
              .type(answered.mediaType)
              .send(answered.content)
          return this.send(reply, visit, answered)
        }),
    })
  }

  /** Whether the address of a request, a form's too, can be opened again as a page. */
  #isReadable({ method, routeOptions }: FastifyRequest): boolean {
    return (
      method === 'GET' ||
      (routeOptions.url !== undefined && this.app.hasRoute({ method: 'GET', url: routeOptions.url }))
    )
  }

  /** The session of the cookie, if it still stands for a person. */
  async #session(request: FastifyRequest): Promise<Session | undefined> {
    const id = cookieOf(request, this.cookies.session)
    const session = id === undefined ? undefined : await this.sessions.find(id)
    if (!session) return undefined
    try {
      requirePerson(this.context.callerOf(session.accessToken))
      return session
    } catch {
      return undefined
    }
  }

  #personal(visit: Visit): PersonalVisit {
    const { session } = visit
    if (!session) throw new MeshError('LOGIN_REQUIRED')
    return { ...visit, session, person: requirePerson(this.context.callerOf(session.accessToken)) }
  }

  async #sentOpenly<F extends z.ZodObject>(
    request: FastifyRequest,
    form: F,
    answer: (visit: Visit, fields: z.infer<F>) => Promise<PageAnswer>,
  ): Promise<[Visit, PageAnswer]> {
    const visit = await this.visit(request)
    const read = form.safeParse({ ...(request.body as Record<string, unknown> | null) })
    if (!read.success)
      throw new MeshError('REQUEST_INVALID', { facts: { field: read.error.issues[0]?.path.join('.') ?? '' } })
    return [visit, await visit.deadline.race(answer(visit, read.data))]
  }

  #isSecret({ routeOptions }: FastifyRequest): boolean {
    return routeOptions.url !== undefined && this.#secretRoutes.has(routeOptions.url)
  }

  /** A page without referrer makes browsers send its forms with the origin `null` (Fetch, section 3.2). */
  #requireOwnOrNoOrigin({ headers }: FastifyRequest): void {
    const site = headers['sec-fetch-site']
    const isOwn = headers.origin === this.context.config.publicUrl || headers.origin === 'null'
    if (!isOwn || (site !== undefined && site !== 'same-origin')) throw new MeshError('ORIGIN_NOT_ALLOWED')
  }

  /** Each browser in use names the origin of a form that is sent; what names none is no browser's form. */
  #requireOwnOrigin({ headers }: FastifyRequest): void {
    const site = headers['sec-fetch-site']
    const isOwn = headers.origin === this.context.config.publicUrl && (site === undefined || site === 'same-origin')
    if (!isOwn) throw new MeshError('ORIGIN_NOT_ALLOWED')
  }
}
