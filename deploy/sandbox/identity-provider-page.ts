import type { TestPerson } from './identity-provider.js'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

export const loginStyle = `*, ::before, ::after { box-sizing: border-box; }
html { font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; color: #1f2430; background: #f4f3f8; }
body { margin: 0; border-top: .3rem solid #4b3a78; overflow-wrap: break-word; }
main { max-width: 36rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font: 700 clamp(1.6rem, 1.3rem + 1.6vw, 2.1rem)/1.2 Charter, "Bitstream Charter", "Iowan Old Style", Cambria, Georgia, serif; margin: .75rem 0 1rem; text-wrap: balance; }
h2 { font: 700 1.15rem/1.35 Charter, "Bitstream Charter", "Iowan Old Style", Cambria, Georgia, serif; margin: 2rem 0 .75rem; }
.notice { padding: .9rem 1.1rem; border-radius: .75rem; background: #fbf0e2; }
.notice p { margin: 0 0 .5rem; }
.notice p:last-child { margin: 0; }
[lang=en] { color: #474e5c; }
button { display: block; width: 100%; margin: .6rem 0; padding: .8rem 1.1rem; font: inherit; text-align: left; color: inherit;
  background: #fff; border: 1px solid #7d7791; border-radius: .75rem; cursor: pointer; }
button:hover { border-color: #4b3a78; background: #f0edf8; }
button strong { display: block; color: #3b2d63; }
button span { color: #474e5c; font-size: .94rem; }
:focus-visible { outline: 3px solid #a33b00; outline-offset: 3px; }
code { overflow-wrap: anywhere; }`

const day = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'long', timeZone: 'UTC' })
const born = ({ birthdate, gender }: TestPerson): string =>
  `${gender === 'female' ? 'née' : 'né'} le ${day.format(new Date(`${birthdate}T00:00:00Z`)).replace(/^1 /, '1er ')}`

const levels: Readonly<Record<string, string>> = {
  eidas1: 'niveau faible',
  eidas2: 'niveau substantiel',
  eidas3: 'niveau élevé',
}

const button = (person: TestPerson): string => {
  const { login, givenName, familyName, acr } = person
  const level = levels[acr] === undefined ? acr : `${levels[acr]} (${acr})`
  return `<button name="login" value="${escaped(login)}"><strong>${escaped(`${givenName} ${familyName}`)}</strong>
<span>${escaped(`${born(person)} · ${level}`)}</span></button>`
}

const page = (title: string, body: string): string => `<!doctype html>
<html lang="fr">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="stylesheet" href="/style.css"></head>
<body><main>
<h1>${title}</h1>
${body}
</main></body></html>
`

const warning = `<div class="notice"><p><strong>Ce n’est pas FranceConnect.</strong> Cette page le remplace dans le bac à sable\u202f: les personnes sont inventées, il n’y a pas de mot de passe.</p>
<p lang="en"><strong>This is not FranceConnect.</strong> It stands in for it in the sandbox: the people are invented, there is no password.</p></div>`

/** The login page: it lists the test people and says plainly what it is. */
export const loginPage = (people: readonly TestPerson[], client: string, action: string): string =>
  page(
    'Connexion de démonstration',
    `${warning}
<h2>Se connecter à «\u202f${escaped(client)}\u202f» en tant que…<br><span lang="en">Log in as…</span></h2>
<form method="post" action="${escaped(action)}">
${people.map(button).join('\n')}
</form>`,
  )

/** What the person reads when a login cannot go on. */
export const failurePage = (what: string): string =>
  page(
    'La connexion n’a pas abouti',
    `<p>Vous n’avez rien fait de mal. Revenez au site d’où vous venez et recommencez.</p>
<p lang="en">You did nothing wrong. Go back to the site that you came from and start again.</p>
<p>Référence\u202f: <code>${escaped(what)}</code></p>
${warning}`,
  )
