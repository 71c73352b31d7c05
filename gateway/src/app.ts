import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import { MeshError, reasons } from '@unefois/proto/reasons'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { GatewayContext } from './context.js'
import { addHubDoor } from './hub/hub-door.js'
import { chooseLanguage } from './language.js'
import { addApplicationPages } from './pages/application-pages.js'
import { addAppointmentPages } from './pages/appointment-pages.js'
import { addBookingPages } from './pages/booking-pages.js'
import { addConsentRequestPages } from './pages/consent-request-pages.js'
import { errorPage } from './pages/error-page.js'
import { addGuidePages } from './pages/guide-pages.js'
import { addJointVisitPages } from './pages/joint-visit-pages.js'
import { addLoginPages } from './pages/login-pages.js'
import { contentSecurityPolicy, PageDoor } from './pages/page-door.js'
import { addPortalPages } from './pages/portal-pages.js'
import { addProcedurePages } from './pages/procedure-pages.js'
import { referencePage } from './pages/reference-page.js'
import { addSimulatorPages } from './pages/simulator-pages.js'
import { icon, styleSheet } from './pages/style.js'
import { challengeOf, errorOf, problemOf } from './problem.js'
import { openApiText } from './rest/openapi.js'
import { addRestDoor } from './rest/rest-door.js'
import { LoginAttempts } from './session/login-attempts.js'
import { SessionSecrets } from './session/secrets.js'
import { Sessions } from './session/sessions.js'
import { followRequests, noteRefusal, traceIdOf } from './trace.js'

const bodyLimit = 256 * 1024
/** The national hub asks in the address for up to 1,000 ids of 64 letters, each with the name of its parameter. */
const largestHubHeaderBytes = 128 * 1024
const yearSeconds = 365 * 24 * 3600

const secure = async (app: FastifyInstance, { config }: GatewayContext): Promise<void> => {
  await app.register(helmet, {
    contentSecurityPolicy: false,
    // `no-referrer` would make browsers send `Origin: null` with our own forms.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: config.publicUrl.startsWith('https:') ? { maxAge: yearSeconds } : false,
  })
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('content-security-policy', contentSecurityPolicy())
  })
  await app.register(rateLimit, {
    max: config.requestsPerMinute,
    timeWindow: 60_000,
    errorResponseBuilder: () => new MeshError('RATE_LIMITED'),
  })
}

const refuse = (
  request: FastifyRequest,
  reply: FastifyReply,
  error: MeshError,
  context: GatewayContext,
): FastifyReply => {
  const language = chooseLanguage(request.headers['accept-language'], 'en')
  const challenge = challengeOf(error, context.config.member)
  if (challenge !== undefined) reply.header('www-authenticate', challenge)
  return reply
    .code(reasons[error.reason].http)
    .header('cache-control', 'no-store')
    .header('content-language', language)
    .header('vary', 'Accept-Language')
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemOf(error, language, traceIdOf(request))))
}

const wantsPage = ({ url, headers }: FastifyRequest): boolean =>
  !url.startsWith('/v1/') && (headers.accept ?? '').includes('text/html')

const addRefusals = (app: FastifyInstance, door: PageDoor): void => {
  const { context } = door
  const answer = async (request: FastifyRequest, reply: FastifyReply, error: MeshError): Promise<FastifyReply> => {
    noteRefusal(request, error)
    if (!wantsPage(request)) return refuse(request, reply, error, context)
    try {
      const visit = await door.visit(request)
      return door.send(reply, visit, errorPage(visit, error, traceIdOf(request)))
    } catch {
      // A page needs the database and the federation list; a problem needs nothing.
      return refuse(request, reply, error, context)
    }
  }
  app.setErrorHandler((thrown, request, reply) => answer(request, reply, errorOf(thrown)))
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (request, reply) =>
    answer(request, reply, new MeshError('METHOD_UNKNOWN')),
  )
}

const addFiles = (app: FastifyInstance, openApi: string): void => {
  const file = (url: string, mediaType: string, content: string): void => {
    app.get(url, async (_request, reply) =>
      reply.header('cache-control', 'public, max-age=3600').type(mediaType).send(content),
    )
  }
  file('/style.css', 'text/css; charset=utf-8', styleSheet)
  file('/icon.svg', 'image/svg+xml', icon)
  file('/openapi.json', 'application/json; charset=utf-8', openApi)
}

/** The gateway's HTTP application: the REST door, the door for people, and one way to refuse. */
export const buildApp = async (context: GatewayContext): Promise<FastifyInstance> => {
  const { config, clock, log, postgres, sessionKey } = context
  const app = Fastify({
    bodyLimit,
    trustProxy: config.http.trustProxy,
    requestTimeout: 30_000,
    ...(config.hub && { http: { maxHeaderSize: largestHubHeaderBytes } }),
    routerOptions: { maxParamLength: 200 },
  })
  followRequests(app, clock, log)
  await secure(app, context)
  await app.register(cookie)
  const secrets = new SessionSecrets(sessionKey)
  const sessions = new Sessions({ postgres, secrets, clock, sessionSeconds: config.sessionSeconds })
  addFiles(app, await openApiText())
  const door = await PageDoor.open(app, { context, sessions, secrets })
  addRefusals(app, door)
  addLoginPages(door, new LoginAttempts({ postgres, secrets, clock }))
  door.show('/docs', referencePage)
  if (config.kind === 'portal') addPortalPages(door)
  else if (config.kind === 'consent-authority') addConsentRequestPages(door)
  else {
    addProcedurePages(door)
    addGuidePages(door)
    addApplicationPages(door)
    addBookingPages(door)
    addJointVisitPages(door)
    addAppointmentPages(door)
    addSimulatorPages(door)
  }
  // A scope of its own, because it reads other bodies.
  await app.register(async (rest) => addRestDoor(rest, context))
  if (config.hub) await app.register(async (hub) => addHubDoor(hub, context))
  return app
}
