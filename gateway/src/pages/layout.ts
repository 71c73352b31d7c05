import { type Html, html } from './html.js'
import { formToken, loginLink, type Page, type Visit } from './visit.js'

const inLanguage = (path: string, language: string): string => {
  const url = new URL(path, 'http://page.invalid')
  url.searchParams.set('lang', language)
  return `${url.pathname}${url.search}`
}

const languages = ({ path, language }: Visit): Html =>
  language === 'fr'
    ? html`<a href="${inLanguage(path, 'en')}" lang="en" hreflang="en">English</a>`
    : html`<a href="${inLanguage(path, 'fr')}" lang="fr" hreflang="fr">Français</a>`

const account = ({ session, say, path }: Visit): Html =>
  session
    ? html`<form method="post" action="/logout">${formToken(session)}<button class="quiet">${say('Se déconnecter', 'Log out')}</button></form>`
    : html`<a href="${loginLink(path)}">${say('Se connecter', 'Log in')}</a>`

/** How to go on without this site: a login is always a choice. */
export const otherWays = (visit: Visit, member: string): Html => {
  const entry = visit.words.memberEntry(member)
  return html`<p>${visit.say(
    'Vous pouvez aussi vous adresser à un guichet ou téléphoner, sans vous connecter.',
    'You may also go to a counter or telephone, without logging in.',
  )}${entry ? html` ${entry.contact[visit.language]}` : undefined}</p>`
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
<header>
<p>${words.member(member)}</p>
<nav aria-label="${say('Site', 'Site')}"><ul>
<li><a href="/">${say('Accueil', 'Home')}</a></li>
<li>${languages(visit)}</li>
<li>${account(visit)}</li>
</ul></nav>
</header>
<main id="main" tabindex="-1">
<h1>${page.title}</h1>
${page.body}
</main>
<footer>${otherWays(visit, member)}</footer>
</body>
</html>
`.text
  }`
}
