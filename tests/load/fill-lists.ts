import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createLog } from '@unefois/chassis/log'
import { Postgres } from '@unefois/chassis/postgres'
import { databaseAccess } from '@unefois/deploy/sandbox/databases'
import { keptPassword, keptSecret } from '@unefois/deploy/sandbox/member-keys'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { ServiceName } from '@unefois/deploy/sandbox/topology'
import { appendRecords } from '@unefois/documents/store/append-records'
import { Contests } from '@unefois/documents/store/contests'
import { declarationContext } from '@unefois/documents/store/declarations'
import { ReceivedEvidenceStore } from '@unefois/documents/store/received-evidence'
import { SubjectKeys, sealPayload } from '@unefois/documents/store/subject-keys'
import type { QuestionId } from '@unefois/identity/domain/question'
import { RegisterKey } from '@unefois/identity/register-key'
import { Declaration } from '@unefois/proto/gen/unefois/documents/v1/declarations'
import type { PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'

// A member's schemas as they are when it knows a million people: rows made in SQL, whose content nobody opens, around the
// rows of a few people that are made as the services make them. Every page that is measured is read from the latter.

const hour = 3600_000
const log = createLog({ member: 'bench', service: 'lists' }, 'error')

/** A connection to a service's schema under its own role. */
export const schemaOf = (places: Places, member: string, service: ServiceName): Postgres => {
  const planned = places.plan.agencies.find(({ id }) => id === member)
  if (!planned) throw new Error(`${member} is no member`)
  const { password } = keptPassword(places.keys(member).folder, `postgres-${service}`)
  const reached = { host: '127.0.0.1', port: places.port('postgres'), password, poolSize: 4 }
  return new Postgres({ ...reached, ...databaseAccess(planned, service) }, log)
}

const secretOf = (places: Places, member: string, name: string): Buffer =>
  readFileSync(keptSecret(places.keys(member).folder, name))

/** What a database does by itself within minutes after so many rows, and would do while the lists are measured. */
const settle = async (db: Postgres, tables: readonly string[]): Promise<void> => {
  const session = await db.session()
  await session.query('SET statement_timeout = 0')
  for (const table of tables) await session.query(`VACUUM (ANALYZE) ${table}`)
  await session.end()
}

/** Rows of many people, without the triggers that follow a pseudonym that changes: these have none. */
const bulk = async (db: Postgres, table: string, insert: string, values: unknown[]): Promise<void> => {
  await db.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`)
  await db.query('SET statement_timeout = 0')
  await db.transaction(async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0')
    await tx.query('SET LOCAL synchronous_commit = off')
    await tx.query(`INSERT INTO ${table} ${insert}`, values)
  })
  await db.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`)
}

const pseudonym = `'p1.1.' || lpad(i::text, 22, '0')`
const bytes = (count: number): string => `decode(repeat(md5(i::text), ${Math.ceil(count / 16)}), 'hex')`
const members = `(ARRAY['saint-aubin', 'dgfip', 'cpam', 'france-travail', 'msa'])[1 + i % 5]`
const types = `CASE WHEN i % 1000 = 0 THEN 'revenu-fiscal' ELSE 'quotient-familial' END`

/** One of the few people whose rows are made as the services make them. */
export interface KnownPerson {
  readonly subject: string
}

/** What the documents service holds. */
export const fillDocuments = async (
  places: Places,
  member: string,
  people: number,
  known: readonly KnownPerson[],
): Promise<void> => {
  const db = schemaOf(places, member, 'documents')
  const nowMs = Date.now()
  const since = nowMs - 300 * 24 * hour
  const at = `$2::bigint + (i::bigint * 24000)`
  const half = Math.floor(people / 2)
  const keys = new SubjectKeys(db, secretOf(places, member, 'subject-keys'))
  await bulk(
    db,
    'exchange_record',
    `(record_id, exchange_id, kind, subject, counterparty, at_ms, content, delete_after_ms)
     SELECT gen_random_uuid(), gen_random_uuid(), 'release', ${pseudonym}, ${members}, ${at}, ${bytes(480)}, ${at} + 94608000000
     FROM generate_series(1, $1::int) AS i`,
    [people, since],
  )
  await bulk(
    db,
    'evidence',
    `(subject, evidence_type, version, as_of_ms, declared_at_ms, content)
     SELECT ${pseudonym}, ${types}, 1, ${at}, ${at}, ${bytes(320)} FROM generate_series(1, $1::int) AS i`,
    [people, since],
  )
  await bulk(
    db,
    'received_evidence',
    `(exchange_id, subject, content, keep_until_ms)
     SELECT gen_random_uuid(), ${pseudonym}, ${bytes(320)}, ${at} + 94608000000 FROM generate_series(1, $1::int) AS i`,
    [people, since],
  )
  await bulk(
    db,
    'received_correction',
    `(correction_id, told_id, exchange_id, provider, subject, evidence_type, purpose, procedure, wrong_version, corrected_version,
      corrected_at_ms, heard_at_ms, outcome, answered_at_ms, delete_after_ms)
     SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), ${members}, ${pseudonym}, ${types}, 'school-meals',
       'school-meals', 1, 2, ${at}, ${at}, CASE WHEN i % 100 = 0 THEN NULL ELSE 'acted' END,
       CASE WHEN i % 100 = 0 THEN NULL ELSE ${at} END, ${at} + 94608000000 FROM generate_series(1, $1::int) AS i`,
    [people, since],
  )
  await bulk(
    db,
    'agency_event',
    `(event_id, type, reference, occurred_at_ms, keep_until_ms)
     SELECT gen_random_uuid(), 'evidence-changed', gen_random_uuid(), ${at}, ${at} + 94608000000
     FROM generate_series(1, $1::int) AS i`,
    [people, since],
  )
  const someContests = (from: number, to: number) =>
    bulk(
      db,
      'contest',
      `(contest_id, subject, content, state, contested_at_ms, delete_after_ms)
       SELECT gen_random_uuid(), ${pseudonym}, ${bytes(400)}, CASE WHEN i % 2 = 0 THEN 'open' ELSE 'upheld' END, ${at}, ${at} + 94608000000
       FROM generate_series($1::int, $3::int) AS i`,
      [from, since, to],
    )
  const contests = new Contests(db, keys)
  const realContests = async (contestedAtMs: number): Promise<void> => {
    for (let n = 0; n < 120; n += 1)
      await db.transaction(async (tx) =>
        contests.insert(tx, {
          contestId: randomUUID(),
          subject: known[n % known.length]?.subject ?? '',
          evidenceType: 'quotient-familial',
          version: 1,
          field: '',
          statement: 'What is written there is not what it was in that month, as the letter shows.'.repeat(4),
          contestedAtMs,
        }),
      )
  }
  await realContests(since)
  await someContests(1, half)
  await realContests(since + half * 24_000)
  await someContests(half + 1, people)
  await realContests(nowMs)
  for (const { subject } of known)
    for (let n = 0; n < 15; n += 1) {
      const id = randomUUID()
      const said = Declaration.encode(Declaration.decode(new Uint8Array())).finish()
      const content = sealPayload(await keys.keyFor(subject), said, declarationContext(id))
      await db.query(
        `INSERT INTO declaration (declaration_id, subject, kind, content, state, received_at_ms, delete_after_ms)
         VALUES ($1, $2, 'change-of-address', $3, 'open', $4, 9e12)`,
        [id, subject, content, since],
      )
    }
  await bulk(
    db,
    'declaration',
    `(declaration_id, subject, kind, content, state, received_at_ms, delete_after_ms)
     SELECT gen_random_uuid(), ${pseudonym}, 'change-of-address', ${bytes(320)}, 'accepted', ${at}, 9e12
     FROM generate_series(1, $1::int) AS i`,
    [people, since],
  )
  await bulk(
    db,
    'subscription',
    `(subscription_id, subject, provider, evidence_type, purpose, procedure, basis_id, mode, asked_at_ms, until_ms, ended_at_ms,
      delete_after_ms)
     SELECT gen_random_uuid(), ${pseudonym}, ${members}, ${types}, 'school-meals', 'school-meals', 'b', 'information', ${at}, 9e12,
       CASE WHEN i % 100 = 0 THEN ${at} END, 9e12 FROM generate_series(1, $1::int) AS i`,
    [people, since],
  )
  await fillRecords(places, member, db, keys, known, nowMs)
  await settle(db, [
    'exchange_record',
    'evidence',
    'received_evidence',
    'received_correction',
    'contest',
    'agency_event',
    'declaration',
    'subscription',
  ])
  await db.close()
}

/** Two thousand records of the first of these people, some hundred of each other, with some received evidence each. */
const fillRecords = async (
  places: Places,
  member: string,
  db: Postgres,
  keys: SubjectKeys,
  known: readonly KnownPerson[],
  nowMs: number,
): Promise<void> => {
  const recordKey = secretOf(places, member, 'records')
  const received = new ReceivedEvidenceStore(db, keys)
  for (const [position, { subject }] of known.entries()) {
    const records = Array.from({ length: position === 0 ? 2000 : 100 }, (_, n) => ({
      record: {
        record_id: randomUUID(),
        exchange_id: randomUUID(),
        kind: n % 10 === 0 ? ('request' as const) : ('release' as const),
        member,
        counterparty: n % 50 === 0 ? 'mes-accords' : 'saint-aubin',
        subject,
        evidence_type: 'quotient-familial',
        relay: 'none',
        evidence_version: 1,
        fields: ['quotient_familial.valeur', 'quotient_familial.mois', 'quotient_familial.annee'],
        predicates: [],
        purpose: n % 100 === 0 ? 'leisure-card' : 'school-meals',
        procedure: 'school-meals',
        mode: 'information' as const,
        basis: 'b1.AAAAAAAAAAAAAAAAAAAAAA',
        outcome: n % 10 === 0 ? ('sent' as const) : ('released' as const),
        reason: 'none' as const,
        at_ms: nowMs - (2000 - n) * hour,
      },
    }))
    for (let from = 0; from < records.length; from += 200)
      await appendRecords(db, recordKey, records.slice(from, from + 200))
    for (const { record } of records.filter(({ record }) => record.kind === 'request').slice(0, 40)) {
      const value = { quotient_familial: { valeur: 612, mois: 10, annee: 2026, fournisseur: 'CNAF' } }
      const evidence = { valueJson: JSON.stringify(value), version: 1, asOfMs: nowMs, predicates: [] }
      const kept = await received.seal(record.exchange_id, subject, { ...evidence, keepUntilMs: nowMs + 1000 * hour })
      const receipt = { ...record, record_id: randomUUID(), kind: 'receipt' as const, outcome: 'released' as const }
      await appendRecords(db, recordKey, [{ record: receipt, received: kept }])
    }
  }
}

/** What the consent authority holds: two consents of each, and two hundred of the first known. */
export const fillConsents = async (
  places: Places,
  member: string,
  people: number,
  known: readonly KnownPerson[],
): Promise<void> => {
  const db = schemaOf(places, member, 'consent-authority')
  const since = Math.floor(Date.now() / 1000) - 300 * 24 * 3600
  const disclosures = [
    { provider: 'caf', evidenceType: 'quotient-familial', fields: ['quotient_familial.valeur'], predicates: [] },
  ]
  const record = {
    schema_version: '1',
    record_id: 'r',
    pii_processing: { purposes: [{ purpose: 'leisure-card' }] },
    events: [],
  }
  const requests = (select: string, values: unknown[]) =>
    bulk(
      db,
      'consent_request',
      `(request_id, requester, client_request_id, subject, purpose, providers, evidence_types, duration_days, return_url,
        text_version, disclosures, state, requested_at_ms, expires_at_ms) ${select}`,
      values,
    )
  const answers = (select: string, values: unknown[]) =>
    bulk(
      db,
      'consent',
      `(consent_id, request_id, subject, requester, purpose, disclosures, state, acr, auth_time_s, valid_from_s, valid_until_s,
        record) ${select}`,
      values,
    )
  const columns = (subject: string) =>
    `SELECT 'bench-' || i, 'saint-aubin', 'c' || i, ${subject}, 'leisure-card', '{caf}', '{quotient-familial}', 365, 'https://t',
       '1', $2::json, 'given', $3::bigint * 1000, $3::bigint * 1000`
  const answered = (subject: string) =>
    `SELECT gen_random_uuid(), 'bench-' || i, ${subject}, 'saint-aubin', 'leisure-card', $2::json, CASE WHEN i % 3 = 0 THEN
       'withdrawn' ELSE 'given' END, 'eidas1', $3, $3::bigint + i % 1000000, $3::bigint + 40000000, $4::json`
  const texts = [JSON.stringify(disclosures), since]
  await requests(`${columns(pseudonym)} FROM generate_series(1, $1::int) AS i`, [people, ...texts])
  await answers(`${answered(pseudonym)} FROM generate_series(1, $1::int) AS i`, [
    people,
    ...texts,
    JSON.stringify(record),
  ])
  const series = 'FROM generate_series(1000000000, 1000000000 + $1::int) AS i'
  const subjects = `(ARRAY[${known.map(({ subject }) => `'${subject}'`).join(', ')}])[1 + i % ${known.length}]`
  await requests(`${columns(subjects)} ${series}`, [200 * known.length, ...texts])
  await answers(`${answered(subjects)} ${series}`, [200 * known.length, ...texts, JSON.stringify(record)])
  await bulk(
    db,
    'consent_event',
    `(consent_id, state, at_ms, actor) SELECT consent_id, 'given', $1::bigint, 'person' FROM consent`,
    [since * 1000],
  )
  await settle(db, ['consent', 'consent_request', 'consent_event'])
  await db.close()
}

const somebody = (at: number): PivotIdentity => ({
  givenName: `Camille ${String.fromCharCode(65 + (at % 26))}`,
  familyName: 'Mesure',
  birthdate: '1980-01-01',
  gender: 'female',
  birthplace: '08480',
  birthcountry: '99100',
})

/** The register of the identity authority, the questions that wait there, and what an agency was told. */
export const fillIdentities = async (
  places: Places,
  { authority, member }: { readonly authority: string; readonly member: string },
  people: number,
): Promise<void> => {
  const db = schemaOf(places, authority, 'identity-authority')
  const key = new RegisterKey(secretOf(places, authority, 'register'))
  const id = `(lpad(to_hex(i), 8, '0') || '-0000-4000-8000-000000000000')::uuid`
  await bulk(
    db,
    'person',
    `(person_id, pivot, pivot_index, candidate_index, registered_at, keys_version)
     SELECT ${id}, ${bytes(96)}, sha256(('p' || i)::bytea), sha256(('c' || i % 400000)::bytea), now(), 1
     FROM generate_series(1, $1::int) AS i`,
    [people],
  )
  await bulk(
    db,
    'candidate_key',
    `(candidate_index, person_id) SELECT sha256(('c' || i % 400000 || '-' || k)::bytea), ${id}
     FROM generate_series(1, $1::int) AS i, generate_series(1, 2) AS k`,
    [people],
  )
  await bulk(db, 'acquaintance', `SELECT ${id}, 'caf', now() FROM generate_series(1, $1::int) AS i`, [people])
  const since = Date.now() - 300 * 24 * hour
  await bulk(
    db,
    'question',
    `(question_id, member, question_index, pivot, asked_at_ms)
     SELECT ${id}, ${members}, sha256(('q' || i)::bytea), ${bytes(96)}, $2::bigint + i::bigint * 1000 FROM generate_series(1, $1::int) AS i`,
    [people, since],
  )
  // Those that are read: the first, some in the middle, the last, all of one agency.
  for (const askedAtMs of [since - hour, since + Math.floor(people / 2) * 1000, since + people * 1000 + hour])
    for (let n = 0; n < 220; n += 1) {
      const question = randomUUID() as string as QuestionId
      const values = [question, member, Buffer.from(randomUUID()), key.encrypt(question, somebody(n)), askedAtMs]
      await db.query(
        'INSERT INTO question (question_id, member, question_index, pivot, asked_at_ms) VALUES ($1, $2, $3, $4, $5)',
        values,
      )
    }
  await settle(db, ['person', 'candidate_key', 'acquaintance', 'question'])
  await db.close()
  const own = schemaOf(places, member, 'identity')
  await bulk(
    own,
    'identity_event',
    `(type, data, occurred_at_ms, is_forwarded)
     SELECT 'identity.subject-deceased.v1', ''::bytea, $2::bigint + i, true FROM generate_series(1, $1::int) AS i`,
    [people, since],
  )
  await settle(own, ['identity_event'])
  await own.close()
}
