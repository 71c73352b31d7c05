import { expect, it } from 'vitest'
import { atGateway } from '../agency.fixture.js'
import { readCommunes } from '../search/read-communes.js'
import { findCommunes } from './find-communes.js'

const known = readCommunes('{ "08105": { "name": "Charleville-Mézières", "latitude": 49.773, "longitude": 4.72 } }')

it.each(['', 'a'.repeat(101)])('FindCommunes refuses a name that is none: %j', (name) => {
  expect(findCommunes({ communes: known }).request.safeParse({ name }).success).toBe(false)
})

it('FindCommunes answers what is known under a name, and nothing where no communes are known', async () => {
  const found = await findCommunes({ communes: known }).handle({ name: 'CHARLEVILLE' }, atGateway())
  expect(found.communes).toEqual([{ code: '08105', name: 'Charleville-Mézières', department: '08' }])
  expect(await findCommunes({ communes: readCommunes('{}') }).handle({ name: 'Sedan' }, atGateway())).toEqual({
    communes: [],
  })
})
