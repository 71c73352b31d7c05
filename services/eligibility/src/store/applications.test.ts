import { randomUUID } from 'node:crypto'
import { Deadline } from '@unefois/chassis/deadline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAgency } from '../agency.fixture.js'
import { dayMs, personNamed, startMs } from '../application.fixture.js'
import { applicationInReview } from '../decision.fixture.js'
import type { KeptApplication } from '../domain/application.js'
import { subjectTables } from './subject-tables.js'

let agency: Awaited<ReturnType<typeof openAgency>>
beforeAll(async () => {
  agency = await openAgency()
})
afterAll(() => agency.close())

const message = { messageId: 'm', atMs: 1, from: undefined, text: 'a word that nobody else reads' }
const open = { dueDay: '2027-01-01', deleteAfterMs: undefined }
const deposit = async (subject: string, dates: typeof open | { dueDay: undefined; deleteAfterMs: number } = open) => {
  const application = applicationInReview({
    applicationId: randomUUID(),
    subject,
    messages: [message],
    clock: undefined,
  })
  const file: KeptApplication = { application, awaited: [{ correctionId: 'c', fields: ['letter'] }] }
  return agency.postgres.transaction((tx) =>
    agency.applications.insert(tx, file, dates, { keptAtMs: startMs, cameBy: 'person' }),
  )
}

describe('the applications at rest', () => {
  it('are readable with their own key alone, and by nobody once it was deleted', async () => {
    const { application } = await deposit(personNamed('K'))
    const { rows } = await agency.postgres.query<{ content: Buffer }>('SELECT content FROM application')
    expect(rows.map(({ content }) => content.includes(message.text))).toEqual([false])
    const other = await deposit(personNamed('K'))
    await agency.postgres.query(
      `UPDATE application SET content = (SELECT content FROM application WHERE application_id = $2) WHERE application_id = $1`,
      [other.application.applicationId, application.applicationId],
    )
    await expect(agency.applications.get(other.application.applicationId)).rejects.toThrow()
    await agency.fileKeys.forget(agency.postgres, [application.applicationId, other.application.applicationId])
    expect(await agency.applications.get(application.applicationId)).toBeUndefined()
    expect(await agency.applications.list(0, { subject: personNamed('K') } as never, 10)).toMatchObject({
      applications: [],
      read: 2,
    })
  })

  it('are kept as they were, and found again', async () => {
    const kept = await deposit(personNamed('F'))
    expect(await agency.applications.get(kept.application.applicationId)).toEqual(kept)
  })

  it('are deleted with their key after the last day, and never while they are open', async () => {
    const standing = await deposit(personNamed('R'))
    const ended = await deposit(personNamed('R'), { dueDay: undefined, deleteAfterMs: startMs + dayMs })
    const keys = async () => {
      const ids = [standing, ended].map(({ application }) => application.applicationId)
      const { rows } = await agency.postgres.query<{ file_id: string }>(
        'SELECT file_id FROM eligibility_keys.file_key WHERE file_id = ANY($1::uuid[])',
        [ids],
      )
      return rows.map(({ file_id }) => ids.indexOf(file_id)).sort()
    }
    expect(await agency.applications.deleteEnded(startMs + dayMs - 1)).toBe(0)
    expect(await keys()).toEqual([0, 1])
    expect(await agency.applications.deleteEnded(startMs + dayMs)).toBe(1)
    expect(await keys()).toEqual([0])
    expect(await agency.applications.get(ended.application.applicationId)).toBeUndefined()
    expect(await agency.applications.get(standing.application.applicationId)).toBeDefined()
  })

  it('follow their person to another pseudonym', async () => {
    const { application } = await deposit(personNamed('X'))
    const deadline = Deadline.after(10_000, agency.runtime.clock)
    await agency.postgres.transaction((tx) => agency.subjects.merge(tx, [personNamed('X')], personNamed('Y'), deadline))
    expect((await agency.applications.get(application.applicationId))?.application.subject).toBe(personNamed('Y'))
    for (const subject of [personNamed('X'), personNamed('Y')])
      expect((await agency.applications.list(0, { subject } as never, 10)).read).toBe(1)
  })

  it('come from every table that keeps people, each written through a trigger', async () => {
    const { rows } = await agency.postgres.query<{ table: string; is_held: boolean }>(
      `SELECT table_name AS table, EXISTS (SELECT FROM pg_trigger WHERE tgname = 'hold_subject'
         AND tgrelid = (table_schema || '.' || table_name)::regclass) AS is_held
       FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
       WHERE table_schema IN ('eligibility', 'eligibility_keys') AND column_name LIKE '%subject%'
         AND table_name NOT IN ('subject_alias', 'subject_stray', 'subject_epoch') ORDER BY table_name`,
    )
    expect(rows).toEqual(subjectTables.map(({ name }) => ({ table: name, is_held: true })))
  })

  it('keep their place in the order until they change hands', async () => {
    const first = await deposit(personNamed('P'))
    const second = await deposit(personNamed('P'))
    const save = (change: object) =>
      agency.postgres.transaction(async (tx) => {
        const before = await agency.applications.lock(tx, first.application.applicationId)
        if (!before) throw new Error('nothing was locked')
        return agency.applications.save(
          tx,
          before,
          { ...before, application: { ...before.application, ...change } },
          open,
        )
      })
    expect((await save({ revision: 9 })).application.position).toBe(first.application.position)
    expect((await save({ state: 1 })).application.position).toBeGreaterThan(second.application.position)
  })
})
