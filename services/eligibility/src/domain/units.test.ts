import { describe, expect, it } from 'vitest'
import { written } from './units.js'

// French groups thousands by a narrow space that does not break.
const plain = (text: string): string => text.replace(/\s/g, ' ')

describe('an amount in words', () => {
  it.each([
    [10339, '€/an', '10 339 € par an', '10,339 € a year'],
    [10339.5, '€/an', '10 339,50 € par an', '10,339.50 € a year'],
    [0.1 + 0.2, '€', '0,30 €', '0.30 €'],
    [-1234.005, '€', '-1 234,01 €', '-1,234.01 €'],
    [0, 'personne', '0 personne', '0 people'],
    [1, 'personne', '1 personne', '1 person'],
    [1.5, 'part', '1,5 part', '1.5 shares'],
    [2, 'enfant', '2 enfants', '2 children'],
    [3.01, '€/repas', '3,01 € par repas', '3.01 € a meal'],
    [65, 'an', '65 ans', '65 years'],
    [12, 'mois', '12 mois', '12 months'],
    [5, '', '5 ', '5 '],
    [5, 'quintal', '5 quintal', '5 quintal'],
  ])('%d %s', (amount, unit, french, english) => {
    expect([plain(written(amount, unit, 'fr')), written(amount, unit, 'en')]).toEqual([french, english])
  })
})
