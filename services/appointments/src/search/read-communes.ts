import { z } from 'zod'
import { type Communes, comparedName } from '../domain/communes.js'

const degrees = (most: number) => z.number().min(-most).max(most)
const schema = z.record(
  z.string().regex(/^[0-9AB]{5}$/),
  z.object({ name: z.string(), latitude: degrees(90), longitude: degrees(180) }),
)

/** Reads the JSON file of communes. Throws for anything else. */
export const readCommunes = (json: string): Communes =>
  new Map(
    Object.entries(schema.parse(JSON.parse(json))).map(([code, centre]) => [
      code,
      { ...centre, compared: comparedName(centre.name) },
    ]),
  )
