import { randomBytes } from 'node:crypto'
import { systemClock } from '@unefois/chassis/clock'
import { Deadline } from '@unefois/chassis/deadline'
import { FileKeys } from '@unefois/chassis/file-keys'
import { createLog } from '@unefois/chassis/log'
import { migrate } from '@unefois/chassis/migrate'
import { Outbox } from '@unefois/chassis/outbox'
import { Postgres } from '@unefois/chassis/postgres'
import type { Call } from '@unefois/chassis/rpc'
import type { Runtime } from '@unefois/chassis/runtime'
import { Federation } from '@unefois/proto/federation'
import { type AuthorisationClaims, authorisationType, federationListType } from '@unefois/proto/federation-list'
import { generateKeyPair, importPrivateKey, registerPublicKey } from '@unefois/proto/keys'
import { MeshError } from '@unefois/proto/reasons'
import { signToken } from '@unefois/proto/token'
import { Subjects } from '@unefois/subjects/subjects'
import { inject } from 'vitest'
import type { EligibilityContext } from './context.js'
import { ProcedureBook } from './procedure-book.js'
import { reachOf } from './reach.js'
import { RuleBook } from './rule-book.js'
import { Applications } from './store/applications.js'
import { migrations } from './store/migrations.js'
import { PublishedProcedures } from './store/published-procedures.js'
import { Reviews } from './store/reviews.js'
import { RuleReleases } from './store/rule-releases.js'
import { subjectTables } from './store/subject-tables.js'

const startSeconds = Math.floor(Date.parse('2026-11-22T09:00:00Z') / 1000)
const later = startSeconds + 3600
const words = (text: string) => ({ fr: text, en: text })
const fundKey = generateKeyPair('sign', 'fund-authorisation')
const signerKey = generateKeyPair('sign', 'signer')

const member = (id: string, keys: unknown[] = []) => ({
  id,
  name: words(id),
  roles: ['agency'],
  busKey: `A${id.toUpperCase()}`,
  keys,
  returnUrls: [],
  hostingCountry: 'FR',
  approvedUntilSeconds: later,
  contact: words('Guichet'),
})

const authorisation = (mode: AuthorisationClaims['mode'], purpose: string, evidenceType = 'income'): string =>
  signToken(
    authorisationType,
    {
      iss: 'fund' as never,
      id: `fund-hall-${purpose}-${evidenceType}`,
      requester: 'hall' as never,
      evidenceType,
      purpose,
      fields: ['amount'],
      predicates: [{ id: 'is-low', kind: 'related-subject', relation: 'child' }],
      mode,
      legalReference: 'article 1',
      habilitation: 'h1',
      maximumAgeSeconds: 3600,
      retentionSeconds: 3600,
      predicatesPerDay: 3,
      iat: startSeconds,
      nbf: startSeconds - 60,
      exp: later,
    },
    importPrivateKey(fundKey.privateJwk),
  )

const purpose = (id: string) => ({ id, title: words(id), use: 'attribute' as const, textVersion: '1', text: words(id) })

/** A fund that may tell a hall the income of a person who is there, for a rate, and otherwise only proactively. */
const federationOf = (authorisations: readonly string[]): Federation => {
  const claims = {
    iss: 'signer',
    federation: 'test',
    serial: 1,
    iat: startSeconds,
    exp: later,
    members: [member('hall'), member('fund', [{ use: 'authorisation', jwk: fundKey.publicJwk }])],
    evidenceTypes: [
      {
        id: 'income',
        contract: 'own',
        title: words('Revenu'),
        schemaSha256: 'x',
        providers: ['fund'],
        fieldTitles: { amount: words('Montant') },
        predicateTitles: { 'is-low': words('Faible') },
        routes: [{ kind: 'counter', text: words('Guichet') }],
      },
      {
        id: 'condition',
        contract: 'own',
        title: words('État'),
        specialCategory: true,
        schemaSha256: 'x',
        providers: ['fund'],
        fieldTitles: { amount: words('Degré') },
        predicateTitles: {},
        routes: [{ kind: 'counter', text: words('Guichet') }],
      },
    ],
    purposes: [purpose('rate'), purpose('search')],
    declarations: [],
    identityProviders: [],
    authorisations,
  }
  const compact = signToken(federationListType, claims as never, importPrivateKey(signerKey.privateJwk))
  const publicKey = registerPublicKey(signerKey.publicJwk)
  return Federation.verify(compact, { signerKeyOf: () => publicKey, nowSeconds: startSeconds, serialAtLeast: 0 })
}

type Documents = EligibilityContext['documents']

type Consent = EligibilityContext['consent']

const down: Documents = { requestEvidence: () => Promise.reject(new MeshError('UNAVAILABLE')) }
const silent: Consent = { recordProactiveUse: () => Promise.reject(new MeshError('UNAVAILABLE')) }

const quiet = createLog({ member: 'hall', service: 'eligibility' }, 'silent')
const databaseName = (): string => `eligibility_${randomBytes(6).toString('hex')}`

/** A database with the schemas that set-up creates and this service's migrations, for others to be copied from. */
const makeTemplate = async (server: Postgres): Promise<string> => {
  const { host, port, user, password } = inject('postgres')
  const template = databaseName()
  await server.query(`CREATE DATABASE ${template}`)
  const own = { host, port, user, password, database: template, schema: 'eligibility', poolSize: 1 }
  const postgres = new Postgres(own, quiet)
  await postgres.query('CREATE SCHEMA eligibility')
  await postgres.query('CREATE SCHEMA eligibility_keys')
  await migrate(postgres, migrations, 'eligibility')
  // Nobody can copy a database that somebody is connected to.
  await postgres.close()
  return template
}
let template: Promise<string> | undefined

/** The hall's own key of use `decision`. */
export const decisionKeys = generateKeyPair('sign', 'hall-decision')

/**
 * The eligibility service of the hall, real down to PostgreSQL; its clock stands still on 22 November 2026 until a test puts it
 * elsewhere, its documents and its consent are a test's, and no pseudonym is known beside those of the first epoch.
 */
export const openAgency = async (documents: Documents = down, consent: Consent = silent) => {
  const { host, port, user, password, database } = inject('postgres')
  const server = new Postgres({ host, port, user, password, database, schema: 'public', poolSize: 1 }, quiet)
  template ??= makeTemplate(server)
  const own = databaseName()
  await server.query(`CREATE DATABASE ${own} TEMPLATE ${await template}`)
  const postgres = new Postgres(
    { host, port, user, password, database: own, schema: 'eligibility', poolSize: 4 },
    quiet,
  )
  const all = [
    authorisation('information', 'rate'),
    authorisation('information', 'rate', 'condition'),
    authorisation('proactive', 'search'),
  ]
  const federation = { current: federationOf(all) }
  let nowMs = startSeconds * 1000
  const clock = { ...systemClock, nowMs: () => nowMs }
  const outbox = new Outbox(postgres, clock, quiet)
  const runtime = { member: 'hall', postgres, clock, log: quiet, federation, outbox } as unknown as Runtime
  const releases = new RuleReleases(postgres)
  const book = new RuleBook(releases)
  const procedures = new PublishedProcedures(postgres)
  const fileKeys = new FileKeys('eligibility', randomBytes(32))
  const context: EligibilityContext = {
    runtime,
    releases,
    book,
    procedures,
    procedureBook: new ProcedureBook(procedures),
    reach: () => reachOf({ runtime, releases, book }),
    documents,
    consent,
    subjects: new Subjects({
      member: 'hall',
      service: 'eligibility',
      postgres,
      clock,
      log: quiet,
      tables: subjectTables,
      lookInto: async ({ subjects }) => ({
        subjects: subjects.map(() => ({ standing: { $case: 'unknown', value: {} } })),
      }),
    }),
    fileKeys,
    applications: new Applications({ postgres, fileKeys }),
    reviews: new Reviews({ postgres, fileKeys }),
    decisionKey: importPrivateKey(decisionKeys.privateJwk),
  }
  return {
    ...context,
    postgres,
    /** Puts the clock to a moment; milliseconds since the epoch. */
    setNow: (ms: number) => {
      nowMs = ms
    },
    /** The fund takes back what it had authorised. */
    loseAuthorisations: () => {
      federation.current = federationOf([])
    },
    close: async () => {
      await postgres.close()
      await server.query(`DROP DATABASE ${own} WITH (FORCE)`)
      await server.close()
    },
  }
}

/** A call of the agency's own software. */
export const system = (): Call => ({
  caller: { kind: 'system', clientId: 'desk', scopes: [] },
  deadline: Deadline.after(10_000, systemClock),
  door: 'grpc',
})

const three = (text: string) => `{ fr: ${text}, en: ${text}, falc: ${text} }`

/** A rule of one fact, yes up to its ceiling; with what a test wants otherwise put in the place of the text of the same key. */
export const ruleSource = (changes: Readonly<Record<string, string>> = {}): string => {
  const parts: Record<string, string> = {
    benefit: 'grant',
    validFrom: '2026-01-01',
    validTo: '2026-12-31',
    sources: '[{ evidenceType: income, field: amount, purpose: rate }]',
    ceiling: '1000',
    orientation: 'false',
    computed: '',
    gives: '{}',
    ...changes,
  }
  return `
benefit: ${parts.benefit}
title: { fr: Aide, en: Grant }
validFrom: ${parts.validFrom}
${parts.validTo === '' ? '' : `validTo: ${parts.validTo}`}
author: Ada Auteure
reviewer: René Relecteur
references: { law: { citation: article 1, checked: known } }
scope: [{ fr: Rien, en: Nothing }]
isOrientation: ${parts.orientation}
facts:
  revenu:
    kind: number
    unit: €/an
    minimum: 0
    maximum: 100000
    decimals: 2
    title: { fr: Revenu, en: Income }
    question: { fr: Quel revenu ?, en: What income? }
    sources: ${parts.sources}
rules:
  revenu faible: revenu <= ${parts.ceiling} €/an
${parts.computed}
conditions:
  revenu faible:
    title: { fr: Revenu faible, en: Low income }
    reference: law
    yes: ${three("'{revenu}'")}
    no: ${three("'{revenu}'")}
    unknown: ${three("'?'")}
entitledWhen: { all: [revenu faible] }
gives: ${parts.gives}
summary: { yes: ${three('oui')}, no: ${three('non')}, unknown: ${three('peut-être')} }
cases:
  - { name: at the ceiling, facts: { revenu: ${parts.ceiling} }, answer: 'yes' }
  - { name: above it, facts: { revenu: ${Number(parts.ceiling) + 0.01} }, answer: 'no' }
  - { name: nothing known, facts: {}, answer: unknown, asksNext: revenu }
`
}

/** How the procedure below takes applications, where it does; `automatic` and what follows as a test wants. */
export const applicationSource = (changes: Readonly<Record<string, string>> = {}): string => {
  const parts: Record<string, string> = {
    completion: '{ count: 1, unit: months }',
    automatic: 'false',
    algorithm: '{ purpose: { fr: À aider, en: To help }, contribution: { fr: Elle propose, en: It proposes } }',
    retention: '{ after: { count: 24, unit: months }, reference: law }',
    ...changes,
  }
  const written = Object.entries(parts).flatMap(([key, value]) => (value === '' ? [] : [`${key}: ${value}`]))
  return `{ ${written.join(', ')} }`
}

/** A procedure without a fault, and what a test puts in the place of a part of it. */
export const procedureSource = (changes: Readonly<Record<string, string>> = {}): string => {
  const parts: Record<string, string> = {
    id: 'grant',
    kind: 'benefit',
    benefit: 'benefit: grant',
    money: 'true',
    purposes: '[rate]',
    income: 'evidence: { type: income, field: amount }, isGivenByPerson: false',
    ways: '[online, counter]',
    silence: '{ means: rejection, after: { count: 2, unit: months }, reference: law }',
    remedies:
      '[{ title: { fr: r, en: r }, within: { count: 2, unit: months }, isMandatoryFirst: true, reference: law }]',
    application: '',
    ...changes,
  }
  return `
id: ${parts.id}
kind: ${parts.kind}
${parts.benefit}
isFinancial: ${parts.money}
title: { fr: Aide, en: Grant }
summary: { fr: Une aide, en: A grant }
purposes: ${parts.purposes}
service: { name: { fr: s, en: s }, address: 1 rue, telephone: 01 00, hours: { fr: h, en: h } }
fields:
  income: { title: { fr: Revenu, en: Income }, isMandatory: true, ${parts.income} }
steps:
  ask: { title: { fr: Demander, en: Ask }, ways: ${parts.ways} }
silence: ${parts.silence}
remedies: ${parts.remedies}
${parts.application === '' ? '' : `application: ${parts.application}`}
references: { law: { citation: article 1, checked: read } }
`
}
