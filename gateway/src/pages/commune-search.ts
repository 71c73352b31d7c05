import type { Commune } from '@unefois/proto/gen/unefois/appointments/v1/slots'
import type { PageDoor } from './page-door.js'
import type { Visit } from './visit.js'

// Communes by the name that somebody types. The appointments service knows them; no page carries a list.

export type NamedCommune = Pick<Commune, 'code' | 'name' | 'department'>

export const mostNameCharacters = 100

/** As somebody can type it again, and means this one alone. */
export const communeInWords = ({ name, department }: NamedCommune): string => `${name} (${department})`

/** Which commune somebody means. */
export interface CommuneMeant {
  readonly near: NamedCommune | undefined
  /** Where there are several. */
  readonly communes: readonly NamedCommune[]
  /** What is wrong with what was typed. */
  readonly fault: string | undefined
}

/** Around which commune is searched; none for nothing typed. */
export const communeMeant = async (
  { context }: PageDoor,
  { say, deadline }: Visit,
  typed: string,
): Promise<CommuneMeant> => {
  if (typed === '') return { near: undefined, communes: [], fault: undefined }
  const { communes } = await context.neighbours.slots.findCommunes({ name: typed }, { deadline })
  const [near, ...others] = communes
  if (near && others.length === 0) return { near, communes: [], fault: undefined }
  const fault = near
    ? say('Plusieurs communes ont ce nom, ou commencent ainsi', 'Several communes have this name, or begin like it')
    : say(
        'Nous ne trouvons pas cette commune : écrivez son nom en entier, sans le code postal',
        'We do not find this commune: write its whole name, without the post code',
      )
  return { near: undefined, communes, fault }
}
