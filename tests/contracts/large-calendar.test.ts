import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Agency,
  hallPlace,
  openAgency,
  practitioner,
  serviceType,
  weekdays,
} from '@unefois/appointments/agency.fixture'
import { publish } from '@unefois/appointments/calendar/calendar.fixture'
import { calendarService } from '@unefois/appointments/calendar/service'
import { everyPage } from '@unefois/appointments/every-page.fixture'
import { endpointsOf } from '@unefois/chassis/chain'
import { systemClock } from '@unefois/chassis/clock'
import { because, readableLog } from '@unefois/chassis/contract.fixture'
import { connectGrpc, type GrpcConnection } from '@unefois/chassis/grpc-client'
import { GrpcDoor } from '@unefois/chassis/grpc-door'
import { keptCertificate } from '@unefois/deploy/sandbox/certificates'
import { CalendarServiceDefinition } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const many = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, at) => `${name}-${String(at).padStart(3, '0')}`)
const typeIds = many(30, 'type')
const placeIds = many(100, 'place')

const dir = mkdtempSync(join(tmpdir(), 'unefois-calendar-'))
const door = new GrpcDoor()
let agency: Agency
let connection: GrpcConnection
beforeAll(async () => {
  agency = await openAgency()
  await publish(agency, {
    places: placeIds.map((placeId) => hallPlace({ placeId })),
    serviceTypes: typeIds.map((serviceTypeId) => serviceType({ serviceTypeId })),
    resources: placeIds.map((placeId) => practitioner(`p-${placeId}`, placeId)),
    schedules: placeIds.map((placeId) =>
      weekdays({ scheduleId: placeId, placeId, practitionerId: `p-${placeId}`, serviceTypeIds: typeIds }),
    ),
  })
  const { definition, implementation } = calendarService(agency)
  const endpoints = endpointsOf(definition, implementation, {
    clock: systemClock,
    log: readableLog().log,
    idempotency: { requireSameRequest: async () => undefined } as never,
    hasRole: () => false,
    verifyAccessToken: () => ({ kind: 'system', clientId: 'erp', scopes: ['calendar:read'] }),
  })
  door.add(definition, endpoints)
  const { certificate, key, authority } = await keptCertificate(dir, 'tls')
  const port = await door.listen({ host: '127.0.0.1', port: 0, certificate, key })
  connection = connectGrpc(`localhost:${port}`, authority)
})
afterAll(async () => {
  connection.close()
  await door.drain(1000)
  await agency.close()
  rmSync(dir, { recursive: true })
})

const asSystem = { deadlineMs: 10_000, accessToken: 'a.b.c' }
const list = (pageToken: string, serviceTypeId = '') =>
  connection.client(CalendarServiceDefinition).listServiceTypes({ serviceTypeId, pageSize: 0, pageToken }, asSystem)

describe('a calendar of 30 service types at 100 places, by gRPC', () => {
  it('refuses a page token that is none, or of one service type for all', async () => {
    await expect(list('nonsense')).rejects.toMatchObject(because('PAGE_TOKEN_MISMATCH'))
    await expect(list('type-000/place-000', 'type-000')).rejects.toMatchObject(because('PAGE_TOKEN_MISMATCH'))
  })

  it('is listed whole over pages', async () => {
    const pages = await everyPage((pageToken) => list(pageToken))
    const found = pages.flatMap(({ serviceTypes }) =>
      serviceTypes.flatMap((each) => each.places.map((place) => `${each.serviceType?.serviceTypeId} ${place.placeId}`)),
    )
    expect(pages.length).toBeGreaterThan(1)
    expect(found).toEqual(typeIds.flatMap((type) => placeIds.map((place) => `${type} ${place}`)))
  })
})
