import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Caller } from '@unefois/chassis/caller'
import type { Clock } from '@unefois/chassis/clock'
import { readConfig } from '@unefois/chassis/config'
import { createLog } from '@unefois/chassis/log'
import { Postgres } from '@unefois/chassis/postgres'
import type { Federation } from '@unefois/proto/federation'
import { MeshError } from '@unefois/proto/reasons'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { inject, onTestFinished } from 'vitest'
import { buildApp } from './app.js'
import { type GatewayConfig, type GatewayKind, gatewayConfig } from './config.js'
import { fromConfig, type GatewayContext, type Members, type Neighbours } from './context.js'
import { smallFederation } from './federation.fixture.js'
import type { SignIn, SignInSecrets } from './login/sign-in.js'

export const subject = `p1.1.${'S'.repeat(22)}`

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
/** A token that looks like one; its signature is for others to verify. */
export const tokenOf = (header: object, payload: object): string =>
  `${encoded({ alg: 'EdDSA', kid: 'k1', ...header })}.${encoded(payload)}.${Buffer.from('signature').toString('base64url')}`
export const personToken = (member: string, more: object = {}): string =>
  tokenOf({ typ: 'at+jwt' }, { iss: member, sub: subject, acr: 'eidas1', ...more })
export const systemToken = (member: string, more: { client_id?: string; scope?: string } = {}): string =>
  tokenOf({ typ: 'at+jwt' }, { iss: member, client_id: 'system', ...more })

/** Stands for the chassis' verifier: what the token says is believed, unless it says that it has expired. */
const callerOf = (token: string): Caller => {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  if (claims.hasExpired) throw new MeshError('TOKEN_EXPIRED')
  return claims.acr
    ? {
        kind: 'person',
        clientId: 'web',
        subject: claims.sub,
        acr: claims.acr,
        authTimeSeconds: 1_700_000_000,
        loginHandle: 'handle',
      }
    : { kind: 'system', clientId: claims.client_id, scopes: [claims.scope ?? 'evidence:request'] }
}

/** A client whose RPCs are those given; any other is UNAVAILABLE. Each call is noted. */
const clientOf = <C>(rpcs: object, service: string, calls: Noted[]): C =>
  new Proxy(rpcs as Record<string, (...given: unknown[]) => unknown>, {
    get: (known, name: string) => async (request: unknown, call: unknown) => {
      calls.push({ rpc: `${service}.${name}`, request, call: call as Noted['call'] })
      const rpc = known[name]
      if (!rpc) throw new MeshError('UNAVAILABLE')
      return rpc(request, call)
    },
  }) as C

export interface Noted {
  readonly rpc: string
  readonly request: unknown
  readonly call: { readonly accessToken?: string; readonly idempotencyKey?: string }
}

type Rpcs<C> = { [K in keyof C]?: C[K] extends (request: infer Q, call: never) => infer R ? (request: Q) => R : never }

export interface Fakes {
  readonly identity?: Rpcs<Neighbours['identity']>
  readonly consent?: Rpcs<Neighbours['consent']>
  readonly documents?: Rpcs<Neighbours['documents']>
  readonly corrections?: Rpcs<Neighbours['corrections']>
  readonly declarations?: Rpcs<Neighbours['declarations']>
  readonly reAsks?: Rpcs<Neighbours['reAsks']>
  readonly events?: Rpcs<Neighbours['events']>
  readonly changes?: Rpcs<Neighbours['changes']>
  readonly eligibility?: Rpcs<Neighbours['eligibility']>
  readonly rules?: Rpcs<Neighbours['rules']>
  readonly procedures?: Rpcs<Neighbours['procedures']>
  readonly applications?: Rpcs<Neighbours['applications']>
  readonly decisions?: Rpcs<Neighbours['decisions']>
  readonly rights?: Rpcs<Neighbours['rights']>
  readonly reviews?: Rpcs<Neighbours['reviews']>
  readonly appointments?: Rpcs<Neighbours['appointments']>
  readonly calendar?: Rpcs<Neighbours['calendar']>
  readonly slots?: Rpcs<Neighbours['slots']>
  readonly waitingList?: Rpcs<Neighbours['waitingList']>
  readonly walkIns?: Rpcs<Neighbours['walkIns']>
  readonly callbacks?: Rpcs<Neighbours['callbacks']>
  readonly visits?: Rpcs<Neighbours['visits']>
  readonly consentAuthority?: Rpcs<Neighbours['consentAuthority']>
  readonly documentsOf?: (member: string) => Rpcs<ReturnType<Members['documentsOf']>>
  readonly correctionsOf?: (member: string) => Rpcs<ReturnType<Members['correctionsOf']>>
  readonly declarationsOf?: (member: string) => Rpcs<ReturnType<Members['declarationsOf']>>
  readonly remoteAuthority?: Rpcs<ReturnType<Members['consentAuthority']>>
  readonly federation?: Federation
  readonly signIn?: Partial<SignIn>
  readonly config?: Partial<GatewayConfig>
  readonly clock?: Clock
}

const memberOfKind: Record<GatewayKind, string> = {
  agency: 'hall',
  portal: 'portal',
  'consent-authority': 'authorities',
}

/** Schemas whose gateway has closed; migrated, and emptied before another takes one. */
const freeSchemas: string[] = []
let server: Postgres | undefined

/** A schema that no other gateway uses; making one is what takes longest in opening a gateway. */
const openSchema = async (): Promise<{ schema: string; leave(): Promise<void> }> => {
  const { host, port, user, password, database } = inject('postgres')
  const log = createLog({ member: 'test', service: 'test' }, 'error')
  server ??= new Postgres({ host, port, user, password, database, schema: 'public', poolSize: 2 }, log)
  const admin = server
  const schema = freeSchemas.pop() ?? `gateway_${randomBytes(6).toString('hex')}`
  await admin.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`)
  return {
    schema,
    leave: async () => {
      await admin.query(`DO $$ DECLARE kept text; BEGIN
        FOR kept IN SELECT tablename FROM pg_tables WHERE schemaname = '${schema}' AND tablename NOT IN ('migration', 'subject_epoch') LOOP
          EXECUTE format('DELETE FROM ${schema}.%I', kept);
        END LOOP; END $$`)
      freeSchemas.push(schema)
    },
  }
}

export interface OpenGateway {
  readonly app: FastifyInstance
  readonly context: GatewayContext
  readonly calls: Noted[]
  readonly expected: SignInSecrets[]
  readonly publicUrl: string
  close(): Promise<void>
}

/** A gateway on a schema of its own in the run's PostgreSQL, with the mesh faked by argument. */
export const openGateway = async (kind: GatewayKind, fakes: Fakes = {}): Promise<OpenGateway> => {
  const directory = mkdtempSync(join(tmpdir(), 'unefois-gateway-'))
  const path = (name: string, content: string | Buffer): string => {
    writeFileSync(join(directory, name), content, { mode: 0o600 })
    return join(directory, name)
  }
  const { schema, leave } = await openSchema()
  const { host, port, user, password, database } = inject('postgres')
  const publicUrl = 'http://127.0.0.1:4001'
  const config = readConfig(
    gatewayConfig,
    {
      member: memberOfKind[kind],
      logLevel: 'error',
      admin: { host: '127.0.0.1', port: 0 },
      bus: { url: 'nats://127.0.0.1:1', neighbours: {}, ...(kind === 'portal' && { meshCalling: 'none' }) },
      federation: { source: 'none', cache: 'none', signer: 'none', signerKeys: [{}] },
      postgres: { host, port, database, user, passwordFile: path('password', password), schema, poolSize: 2 },
      ...(kind === 'portal' && { seal: { signKey: 'none', sealKey: 'none' } }),
      kind,
      http: { host: '127.0.0.1', port: 0 },
      publicUrl,
      oidc: { issuer: 'http://127.0.0.1:1', clientId: 'client', clientKey: 'none' },
      sessionKey: path('session.key', randomBytes(32)),
      ...fakes.config,
    },
    'the test',
  )
  const calls: Noted[] = []
  const expected: SignInSecrets[] = []
  const identity = {
    exchangeToken: async () => ({
      accessToken: personToken(config.member),
      expiresInSeconds: 600,
      subject,
      acr: 'eidas1',
      authTimeSeconds: 1,
    }),
    ...fakes.identity,
  }
  const context = await fromConfig(config, {
    log: createLog({ member: 'test', service: 'test' }, 'silent'),
    ...(fakes.clock && { clock: fakes.clock }),
    federation: { current: fakes.federation ?? smallFederation() },
    callerOf,
    neighbours: {
      identity: clientOf(identity, 'identity', calls),
      consent: clientOf(fakes.consent ?? {}, 'consent', calls),
      documents: clientOf(fakes.documents ?? {}, 'documents', calls),
      corrections: clientOf(fakes.corrections ?? {}, 'corrections', calls),
      declarations: clientOf(fakes.declarations ?? {}, 'declarations', calls),
      reAsks: clientOf(fakes.reAsks ?? {}, 're-asks', calls),
      events: clientOf(fakes.events ?? {}, 'events', calls),
      changes: clientOf(fakes.changes ?? {}, 'changes', calls),
      eligibility: clientOf(fakes.eligibility ?? {}, 'eligibility', calls),
      rules: clientOf(fakes.rules ?? {}, 'rules', calls),
      procedures: clientOf(fakes.procedures ?? {}, 'procedures', calls),
      applications: clientOf(fakes.applications ?? {}, 'applications', calls),
      decisions: clientOf(fakes.decisions ?? {}, 'decisions', calls),
      rights: clientOf(fakes.rights ?? {}, 'rights', calls),
      reviews: clientOf(fakes.reviews ?? {}, 'reviews', calls),
      appointments: clientOf(fakes.appointments ?? {}, 'appointments', calls),
      calendar: clientOf(fakes.calendar ?? {}, 'calendar', calls),
      slots: clientOf(fakes.slots ?? {}, 'slots', calls),
      waitingList: clientOf(fakes.waitingList ?? {}, 'waitingList', calls),
      walkIns: clientOf(fakes.walkIns ?? {}, 'walkIns', calls),
      callbacks: clientOf(fakes.callbacks ?? {}, 'callbacks', calls),
      visits: clientOf(fakes.visits ?? {}, 'visits', calls),
      consentAuthority: clientOf(fakes.consentAuthority ?? {}, 'consentAuthority', calls),
    },
    members: {
      documentsOf: (member) => clientOf(fakes.documentsOf?.(member) ?? {}, `documents of ${member}`, calls),
      declarationsOf: (member) => clientOf(fakes.declarationsOf?.(member) ?? {}, `declarations of ${member}`, calls),
      correctionsOf: (member) => clientOf(fakes.correctionsOf?.(member) ?? {}, `corrections of ${member}`, calls),
      consentAuthority: () => clientOf(fakes.remoteAuthority ?? {}, 'remote authority', calls),
    },
    signIn: {
      begin: async (request) =>
        new URL(
          `https://idp.test/authorize?${new URLSearchParams({ ...request, asksAgain: String(request.asksAgain) })}`,
        ),
      finish: async (_url, secrets) => {
        expected.push(secrets)
        return 'an.id.token'
      },
      ...fakes.signIn,
    },
  })
  const app = await buildApp(context)
  const close = async (): Promise<void> => {
    await app.close()
    await context.close()
    await leave()
    rmSync(directory, { recursive: true, force: true })
  }
  return { app, context, calls, expected, publicUrl: config.publicUrl, close }
}

/** As openGateway, closed when the test ends. */
export const gatewayForTest = async (kind: GatewayKind, fakes: Fakes = {}): Promise<OpenGateway> => {
  const gateway = await openGateway(kind, fakes)
  onTestFinished(gateway.close)
  return gateway
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
/** The text of an attribute. */
const textIn = (attribute: string): string => attribute.replace(/&(#?\w+);/g, (whole, name) => entities[name] ?? whole)

/** A browser without JavaScript: it keeps cookies and names its origin when it sends a form. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #gateway: OpenGateway

  constructor(gateway: OpenGateway) {
    this.#gateway = gateway
  }

  async ask(options: InjectOptions): Promise<LightMyRequestResponse> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { accept: 'text/html', 'accept-language': 'en', ...(cookie && { cookie }), ...options.headers }
    const response = await this.#gateway.app.inject({ ...options, headers })
    for (const { name, value, maxAge } of response.cookies as { name: string; value: string; maxAge?: number }[]) {
      if (maxAge === 0) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }

  get(url: string): Promise<LightMyRequestResponse> {
    return this.ask({ method: 'GET', url })
  }

  /** Sends the form of a page that leads to this address, with its hidden fields. */
  send(
    page: LightMyRequestResponse,
    action: string,
    fields: Record<string, string> = {},
  ): Promise<LightMyRequestResponse> {
    const [, form] = page.body.split(`method="post" action="${action}"`)
    if (form === undefined) throw new Error(`the page has no form for ${action}`)
    const inside = form.slice(0, form.indexOf('</form>'))
    const hidden = [...inside.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)]
    const read = hidden.map(([, name = '', value = '']) => [name, textIn(value)])
    return this.post(action, { ...Object.fromEntries(read), ...fields })
  }

  post(
    url: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<LightMyRequestResponse> {
    return this.ask({
      method: 'POST',
      url,
      payload: new URLSearchParams(fields).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: this.#gateway.publicUrl,
        'sec-fetch-site': 'same-origin',
        ...headers,
      },
    })
  }

  /** Logs in and comes back to the given path. */
  async logIn(returnTo = '/'): Promise<LightMyRequestResponse> {
    const started = await this.get(`/login?return=${encodeURIComponent(returnTo)}`)
    const state = new URL(String(started.headers.location)).searchParams.get('state')
    return this.get(`/callback?code=c&state=${state}`)
  }
}
