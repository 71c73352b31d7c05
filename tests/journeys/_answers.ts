import type { Places } from '@unefois/deploy/sandbox/places'
import type { Forgery } from './_forgeries.js'

/** Each forgery with what it was answered, for one comparison that shows all that differ. */
export const answersTo = async (
  forgeries: readonly Forgery[],
  ask: (token: string) => Promise<string>,
): Promise<readonly string[]> => {
  const answers: string[] = []
  for (const { what, token } of forgeries) answers.push(`${what}: ${await ask(token)}`)
  return answers
}

/** What each forgery is to be answered; `otherwise` where a door reads it in another way. */
export const expectedOf = (
  forgeries: readonly Forgery[],
  otherwise: Readonly<Record<string, string>> = {},
): readonly string[] => forgeries.map(({ what, reason }) => `${what}: ${otherwise[what] ?? reason}`)

/** How many requests a process has turned away at its door for other members, by the metric that counts them. */
export const turnedAway = async (places: Places, process: string): Promise<number> => {
  const text = await (await fetch(`${places.admin(process)}/metrics`)).text()
  const counts = text
    .split('\n')
    .filter((line) => line.startsWith('unefois_turned_away_total{') && line.includes('door="mesh"'))
    .map((line) => Number(line.split(' ')[1]))
  return counts.reduce((sum, count) => sum + count, 0)
}
