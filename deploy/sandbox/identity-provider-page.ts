import type { TestPerson } from './identity-provider.js'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

export const loginStyle = `body { font: 1.06rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 0 auto; padding: 1rem; color: #1a1a1a; }
.warning { padding: .75rem 1rem; border-left: .3rem solid #9a1b1b; background: #fbf1f1; }
button { display: block; width: 100%; margin: .5rem 0; padding: .75rem 1rem; font: inherit; text-align: left; color: #0a4a80;
  background: #fff; border: 2px solid #0a4a80; border-radius: .3rem; cursor: pointer; }
button:focus-visible { outline: 3px solid #a34400; outline-offset: 2px; }`

const button = ({ login, givenName, familyName, birthdate, acr }: TestPerson): string =>
  `<button name="login" value="${escaped(login)}">${escaped(`${givenName} ${familyName}, ${birthdate} (${acr})`)}</button>`

const page = (body: string): string => `<!doctype html>
<html lang="fr">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fournisseur d’identité de démonstration</title><link rel="stylesheet" href="/style.css"></head>
<body><main>
<h1>Fournisseur d’identité de démonstration</h1>
${body}
</main></body></html>
`

/** The login page: it lists the test people and says plainly what it is. */
export const loginPage = (people: readonly TestPerson[], client: string, action: string): string =>
  page(`<p class="warning">Ce n’est pas FranceConnect. Cette page le remplace dans le bac à sable : personnes inventées, sans mot de passe.
<span lang="en">This is not FranceConnect. It stands in for it in the sandbox: invented people, no password.</span></p>
<p>Se connecter à <strong>${escaped(client)}</strong> en tant que… <span lang="en">(log in as)</span></p>
<form method="post" action="${escaped(action)}">
${people.map(button).join('\n')}
</form>`)

export const failurePage = (what: string): string =>
  page(`<p class="warning">La connexion n’a pas abouti : <code>${escaped(what)}</code></p>
<p>Revenez au site et recommencez. <span lang="en">Go back to the site and start again.</span></p>`)
