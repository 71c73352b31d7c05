import { type Html, html } from './html.js'
import { formToken, loginLink, type Page, type Visit } from './visit.js'

const inLanguage = (path: string, language: string): string => {
  const url = new URL(path, 'http://page.invalid')
  url.searchParams.set('lang', language)
  return `${url.pathname}${url.search}`
}

/** The link to a page in the other language. */
export const languageLink = ({ language }: Visit, path: string): Html =>
  language === 'fr'
    ? html`<a href="${inLanguage(path, 'en')}" lang="en" hreflang="en">English</a>`
    : html`<a href="${inLanguage(path, 'fr')}" lang="fr" hreflang="fr">Français</a>`

const account = ({ session, say, returnTo }: Visit): Html =>
  session
    ? html`<form method="post" action="/logout">${formToken(session)}<button class="link">${say('Se déconnecter', 'Log out')}</button></form>`
    : html`<a href="${loginLink(returnTo)}">${say('Se connecter', 'Log in')}</a>`

/** Where a member is reached without this site. */
export const contactOf = (visit: Visit, member: string): string | undefined => {
  const contact = visit.words.memberEntry(member)?.contact
  return contact && visit.words.print(contact)
}

/** How to go on without this site: a login is always a choice. */
export const otherWays = (visit: Visit, member: string): Html => {
  const contact = contactOf(visit, member)
  return html`<p>${visit.say(
    'Vous pouvez faire la même chose au guichet ou par téléphone, avec quelqu’un, et sans vous connecter.',
    'You can do the same at a counter or by telephone, with somebody, and without logging in.',
  )}${contact === undefined ? undefined : html`<br>${contact}`}</p>`
}

const footer = (visit: Visit, member: string): Html => {
  const { say, words } = visit
  const portal = words.withRole('portal')
  const elsewhere = portal?.id === member ? undefined : portal
  return html`<footer><div class="measure">
<h2>${say('Besoin d’aide ?', 'Need help?')}</h2>
${otherWays(visit, member)}
<p>${say('Responsable de cette page : ', 'Responsible for this page: ')}${words.member(member)}.</p>
${
  elsewhere?.origin === undefined
    ? undefined
    : html`<p><a href="${elsewhere.origin}">${say(
        'Voir qui utilise mes données',
        'See who uses my data',
      )}</a> (${words.member(elsewhere.id)})</p>`
}
</div></footer>`
}

/** A whole document: one h1, a skip link, the language of the text, and the other ways to reach the same people. */
export const document = (visit: Visit, page: Page, member: string): string => {
  const { language, say, words } = visit
  return `<!doctype html>\n${
    html`<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} – ${words.member(member)}</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
</head>
<body>
<a class="skip" href="#main">${say('Aller au contenu', 'Skip to content')}</a>
<header><div class="measure">
<p class="brand"><img src="/icon.svg" alt=""><a href="/">${words.member(member)}</a></p>
<nav aria-label="${say('Navigation', 'Navigation')}"><ul>
<li><a href="/">${say('Accueil', 'Home')}</a></li>
<li>${page.languages ?? languageLink(visit, visit.path)}</li>
<li>${account(visit)}</li>
</ul></nav>
</div></header>
<main id="main" tabindex="-1">
<h1>${page.title}</h1>
${page.body}
</main>
${footer(visit, member)}
</body>
</html>
`.text
  }`
}
