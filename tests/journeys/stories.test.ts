import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import { hasDoor } from '@unefois/deploy/sandbox/story/plots/own-door'
import { readStory, type ScriptOf, storyNames } from '@unefois/deploy/sandbox/story/plots/script'
import { type Told, tellNamed } from '@unefois/deploy/sandbox/story/plots/tell-named'
import { servicesOf } from '@unefois/deploy/sandbox/topology'
import { beforeAll, describe, expect, it } from 'vitest'
import { journeyPlan } from '../journey-plan.js'
import { freshPerson, sharedFederation } from './_federation.js'
import { carelessForm, needlesslyAsked } from './_re-asks.js'

const { folder } = journeyPlan()

/** Lives a story once, with fresh people in the parts named. */
const lived = <P extends keyof Told>(name: string, _plot: P, parts: readonly string[]) => {
  const lines: string[] = []
  const script = readStory(folder, name) as ScriptOf<P>
  const holder = { told: undefined as Told[P] | undefined, places: undefined as Places | undefined }
  beforeAll(async () => {
    const places = await sharedFederation()
    const fresh = new Map<string, Awaited<ReturnType<typeof freshPerson>>>()
    for (const key of parts) fresh.set(key, await freshPerson(places))
    const cast = places.plan.people.map((person) => ({ ...(fresh.get(person.key) ?? person), key: person.key }))
    holder.told = (await tellNamed(places, name, (line) => lines.push(line), cast)).told as Told[P]
    holder.places = places
  }, 90_000)
  return {
    script,
    lines,
    get told(): Told[P] {
      if (holder.told === undefined) throw new Error(`${name} has not been told`)
      return holder.told
    },
  }
}

interface Ended {
  readonly lines: readonly string[]
  readonly told: Told[keyof Told]
}

/** What every story keeps to. */
const keepsToTheRules = (story: Ended): void => {
  it('proves every use offline, and says no pseudonym', () => {
    expect(story.told.isEveryUseProved).toBe(true)
    expect(story.told.proofs).toBe(story.told.uses.length)
    expect(story.lines.join('\n')).not.toMatch(/p1\.[0-9]+\./)
    expect(story.lines.join('\n')).not.toContain('undefined')
  })
}
const released = ({ told }: Ended) =>
  told.uses.filter(({ outcome }) => outcome === 'released').map(({ member, requester }) => `${member}: ${requester}`)
/** Whether people can log in at each of these. */
const doors = (members: readonly string[]): boolean => members.every((id) => hasDoor({ plan: journeyPlan() }, id))

describe('the stories', () => {
  it('are seven, and each is read', () => {
    const titles = storyNames(folder).map((name) => readStory(folder, name).title)
    expect(new Set(titles).size).toBe(7)
  })

  it('refuse an unknown name, naming those there are', () => {
    expect(() => readStory(folder, 'winning-the-lottery')).toThrow(storyNames(folder).join(', '))
    expect(() => readStory(folder, '../story')).toThrow('There is no story')
  })
})

describe('job loss', () => {
  const story = lived('job-loss', 'prefilled', ['job-seeker'])
  keepsToTheRules(story)

  it('lets the fund ask neither the employment service nor for another purpose', () => {
    expect(story.told.refusals).toEqual({ registrar: 'PURPOSE_NOT_AUTHORISED', otherPurpose: 'PURPOSE_NOT_AUTHORISED' })
  })

  it('prefills the net social amount of each month, and nothing else', () => {
    expect(story.told.first).toMatchObject({
      version: 1,
      value: {
        mois: [
          { annee: 2026, mois: 8, montantNetSocial: 1612.4 },
          { annee: 2026, mois: 9, montantNetSocial: 842.1 },
          { annee: 2026, mois: 10, montantNetSocial: 1042.5 },
        ],
      },
    })
  })

  it('shows the person what the employment service holds, and what came to the fund', () => {
    expect(story.told.holdings).toEqual(
      expect.arrayContaining([
        { agency: 'france-travail', evidenceType: 'inscription-demandeur-emploi', origin: 'register' },
        { agency: 'cnav-drm', evidenceType: 'montant-net-social', origin: 'register' },
        { agency: 'caf', evidenceType: 'montant-net-social', origin: 'received' },
      ]),
    )
    const crossed = story.told.holdings.filter(({ evidenceType }) => evidenceType === 'inscription-demandeur-emploi')
    expect(crossed).toHaveLength(1)
  })

  it('corrects at the source what the person contests, and the fund asks again', () => {
    expect(story.told.answeredContest).toBe('corrected')
    expect(story.told.corrected).toMatchObject({ version: 2, value: story.script.contested.right })
    expect(story.told.corrected.exchangeId).not.toBe(story.told.first.exchangeId)
    const fromRegister = story.told.uses.filter(({ purpose }) => purpose === story.script.exchange.purpose)
    expect(released({ ...story, told: { ...story.told, uses: fromRegister } }).sort()).toEqual([
      ...['caf: caf', 'caf: caf', 'cnav-drm: caf', 'cnav-drm: caf'],
    ])
  })

  it('decides nothing by a rule that has ended', () => {
    expect(story.told.entitled.hasRuleToday).toBe(false)
  })

  it('gives health cover because of RSA, without asking anybody for anything else', () => {
    expect(story.told.decision).toEqual({ decision: 'ouverture', dateEffet: '2026-03-01' })
    expect(story.told.entitled).toMatchObject({
      answer: 'yes',
      told: { rsa: true },
      from: ['caf'],
      missing: [],
      gives: [expect.stringContaining(':')],
    })
    const toHealthFund = story.told.uses.filter(
      ({ requester, outcome }) => requester === 'cpam' && outcome === 'released',
    )
    expect(new Set(toHealthFund.flatMap(({ fields }) => fields))).toEqual(new Set(['est_beneficiaire']))
  })
})

describe('disability', () => {
  const story = lived('disability', 'status-only', ['card-holder'])
  keepsToTheRules(story)

  it('refuses every field that says why', () => {
    const { neverAsked } = story.script
    expect(story.told.refusedFields).toEqual(Object.fromEntries(neverAsked.map((one) => [one, 'FIELD_NOT_AUTHORISED'])))
    expect(story.told.fieldsOfType.filter((field) => neverAsked.includes(field))).toEqual([])
  })

  it('refuses whoever has no authorisation', () => {
    expect(story.told.strangerRefusedWith).toBe('PURPOSE_NOT_AUTHORISED')
    expect(released(story).sort()).toEqual(['mdph: saint-aubin', 'saint-aubin: saint-aubin'])
  })

  it('gives the status and its end', () => {
    expect(story.told.obtained.value).toEqual({
      rqth: { estReconnue: true, dateFin: '2029-04-30' },
      cmi: [{ mention: 'priorite', dateFin: '2029-04-30' }],
    })
  })
})

describe('scholarship', () => {
  const story = lived('scholarship', 'consented', ['mother'])
  keepsToTheRules(story)

  it('refuses on the same consent what the tax administration holds besides', () => {
    expect(story.told.refusedFields).toEqual({ nombreParts: 'FIELD_NOT_AUTHORISED' })
    expect(story.told.leftBehind).toEqual(['nombreParts'])
  })

  it('refuses after the withdrawal, in force within a second', () => {
    expect(story.told.inForceAfterMs).toBeLessThan(1000)
    expect(story.told.refusedWith).toBe('CONSENT_REVOKED')
    const [refusal] = story.told.uses.filter(({ reason }) => reason === 'CONSENT_REVOKED')
    expect(refusal).toMatchObject({ requester: 'education-nationale', provider: 'dgfip', outcome: 'refused' })
  })

  it('finds the grant with what the tax administration told on her consent, and two facts of it', () => {
    expect(story.told.entitled).toMatchObject({
      hasRuleToday: true,
      answer: 'yes',
      told: { 'revenu fiscal': 17840, 'foyer . enfants': 2 },
      from: ['dgfip'],
      missing: [],
    })
    expect(story.told.entitled.gives).toHaveLength(2)
  })

  it('tells her then the paper route, among all the others', () => {
    expect(story.told.routesTold).toEqual(['own-document', 'counter', 'telephone', 'paper'])
  })

  it('shows her the values first, and releases only reference income, its year and dependants for a school year', () => {
    expect(story.told.previewShowsFields).toBe(true)
    expect(story.told.consentDays).toBe(300)
    expect(story.told.obtained.value).toEqual({
      revenuFiscalReference: 17840,
      nombrePersonnesCharge: 2,
      anneeRevenus: 2025,
    })
  })
})

// Somebody can only ask in their own name where they can log in.
describe.skipIf(!doors([(readStory(folder, 'student') as ScriptOf<'own-request'>).exchange.requester]))(
  'a student',
  () => {
    const story = lived('student', 'own-request', ['student', 'students-father'])
    keepsToTheRules(story)

    it('is not asked for by a parent, who sees nothing of it', () => {
      expect(story.told.parent).toEqual({ refusedWith: 'CALLER_NOT_ALLOWED', usesSeen: 0 })
      expect(story.told.uses.length).toBeGreaterThan(0)
    })

    it('must be of age', () => {
      expect(story.told.minorRefusedWith).toBe('AGE_NOT_REACHED')
    })

    it('sees first what is sent, and sends one field', () => {
      expect(story.told.unseen).toBe('PREVIEW_REQUIRED')
      expect(story.told.preview).toEqual({ statut_boursier: { est_boursier: true } })
      expect(story.told.obtained.value).toEqual({ statut_boursier: { est_boursier: true } })
      expect(story.told.leftBehind).toEqual(expect.arrayContaining(['email', 'echelon_bourse.echelon']))
      expect(released(story).sort()).toEqual(['cnous: mobilites-ardenne', 'mobilites-ardenne: mobilites-ardenne'])
    })
  },
)

describe.skipIf(
  !doors((readStory(folder, 'birth') as ScriptOf<'told-once'>).exchanges.map(({ requester }) => requester)),
)('a birth', () => {
  const story = lived('birth', 'told-once', ['mother'])
  keepsToTheRules(story)

  it('goes to each fund only after the parent has seen what is sent there', () => {
    expect(story.told.told.map(({ unseen }) => unseen)).toEqual(['PREVIEW_REQUIRED', 'PREVIEW_REQUIRED'])
    for (const { preview, obtained } of story.told.told) expect(obtained.value).toEqual(preview)
  })

  it('is told to both from one record, to each what it needs, and never the parents', () => {
    const child = { nomNaissance: 'MOREL', prenoms: 'ZOE', dateNaissance: '2026-11-10', sexe: 'F' }
    expect(story.told.told.map(({ requester, obtained }) => [requester, obtained.value])).toEqual([
      ['caf', { enfant: { ...child, communeNaissance: '08480' } }],
      ['cpam', { enfant: child }],
    ])
    for (const { leftBehind } of story.told.told) expect(leftBehind).toContain('parents[].nomNaissance')
    expect(released(story).sort()).toEqual(['caf: caf', 'cpam: cpam', 'saint-aubin: caf', 'saint-aubin: cpam'])
  })
})

describe('a move', () => {
  const story = lived('move', 'declared', ['mother'])
  keepsToTheRules(story)

  it('is told to nobody who does not know the person', () => {
    expect(story.told.notKnown).toBe('DECLARATION_NOT_RECEIVED')
  })

  it('is answered by four bodies in three ways, under ids that cannot be joined', () => {
    expect(story.told.answers.map(({ agency, outcomes }) => [agency, ...outcomes]).sort()).toEqual([
      ['caf', 'needs-more', 'accepted'],
      ['cpam', 'accepted'],
      ['dgfip', 'accepted'],
      ['france-travail', 'not-concerned'],
    ])
    expect(story.told.distinctIds).toBe(4)
  })

  it('has a receipt of each step, verified offline with its words', () => {
    expect(story.told.receipts).toEqual({ steps: 10, proved: 10 })
  })

  it('reaches whoever asks the fund next, and nothing but the address', () => {
    expect(story.told.before.value).toEqual({
      adresse: { numero_libelle_voie: '4 RUE DES TILLEULS', code_postal_ville: '08000 SAINT-AUBIN' },
    })
    expect(story.told.after.value).toEqual({
      adresse: { numero_libelle_voie: '11 QUAI DE LA MEUSE', code_postal_ville: '08480 BELLEROCHE' },
    })
    expect(story.told.after.version).toBe(story.told.before.version + 1)
  })
})

describe('a pension', () => {
  const story = lived('retirement', 'gathered', ['retiring-baker'])
  keepsToTheRules(story)

  it('may ask each source for nothing more than it needs', () => {
    const { neverAsked } = story.script
    expect(story.told.refusedFields).toEqual(
      Object.fromEntries(neverAsked.map(({ field }) => [field, 'FIELD_NOT_AUTHORISED'])),
    )
    const { leftBehind } = story.told.given.find(({ provider }) => provider === 'france-travail') ?? {}
    expect(leftBehind).toEqual(expect.arrayContaining(['identifiant', 'adresse.ligne_voie', 'contact.telephone']))
  })

  it('is put together from three bodies: what contradicts is shown, and only what nobody knows is asked', () => {
    const { contradictions, missing } = story.told.career
    expect(contradictions).toEqual([
      {
        year: 1992,
        said: [
          { member: 'carsat', year: 1992, quarters: 3 },
          { member: 'msa', year: 1992, quarters: 4 },
        ],
      },
    ])
    expect(missing).toEqual([2003, 2004])
    expect(story.told.asked).toEqual([2003, 2004])
    expect(story.told.routes).toEqual(['own-document', 'counter', 'telephone', 'paper'])
    expect(released(story).sort()).toEqual([
      ...['carsat: carsat', 'carsat: carsat'],
      ...['france-travail: carsat', 'msa: carsat'],
    ])
  })
})

describe('the stories, once told', () => {
  it('have asked nobody for what an agency in reach holds', async () => {
    const places = await sharedFederation()
    const asking = places.plan.agencies.filter((member) => servicesOf(member).includes('documents'))
    for (const { id } of asking) {
      const agency = new AgencySystem(places, id)
      const asked = await needlesslyAsked(agency)
      agency.close()
      expect(asked.filter(({ procedure }) => procedure !== carelessForm)).toEqual([])
    }
  })
})
