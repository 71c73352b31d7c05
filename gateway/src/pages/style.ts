/** The one style sheet, served from its own address: no page has inline style. */
export const styleSheet = `
:root { color-scheme: light; --ink: #1a1a1a; --quiet: #4d4d4d; --accent: #0a4a80; --edge: #767676; --soft: #f2f5f8; }
* { box-sizing: border-box; }
html { font: 1.0625rem/1.55 system-ui, sans-serif; color: var(--ink); background: #fff; }
body { margin: 0; overflow-wrap: anywhere; }
body > header, main, body > footer { max-width: 48rem; margin: 0 auto; padding: 1rem; }
body > header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; border-bottom: 1px solid var(--edge); }
body > header p { margin: 0; font-weight: 700; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 0; padding: 0; list-style: none; align-items: center; }
body > footer { margin-top: 3rem; border-top: 1px solid var(--edge); color: var(--quiet); }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 1rem 0; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1.08rem; margin: 0 0 .5rem; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid #a34400; outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; display: block; padding: .75rem 1rem; }
.card { margin: 1rem 0; padding: 1rem; border: 1px solid var(--edge); border-radius: .3rem; }
.note { padding: .75rem 1rem; border-left: .3rem solid var(--accent); background: var(--soft); }
.alert { padding: .75rem 1rem; border-left: .3rem solid #9a1b1b; background: #fbf1f1; }
dl { display: grid; grid-template-columns: minmax(0, 1fr); gap: .1rem 1rem; margin: 0; }
dt { font-weight: 600; margin-top: .4rem; }
dd { margin: 0; }
ul.plain { padding-left: 1.2rem; }
ul.cards { padding: 0; list-style: none; }
fieldset { border: 1px solid var(--edge); border-radius: .3rem; margin: 1rem 0; }
label { display: block; padding: .35rem 0; }
button, .button { display: inline-block; min-height: 2.75rem; padding: .6rem 1.2rem; font: inherit; font-weight: 600;
  color: #fff; background: var(--accent); border: 2px solid var(--accent); border-radius: .3rem; text-decoration: none; cursor: pointer; }
button:hover, .button:hover { background: #07365e; }
button.quiet { color: var(--accent); background: #fff; }
.choices { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; max-width: 26rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem .4rem 0; border-bottom: 1px solid #c8c8c8; }
code { font-size: .95em; }
@media (min-width: 40rem) { dl { grid-template-columns: 12rem minmax(0, 1fr); } dt { margin-top: 0; } }
@media (prefers-contrast: more) { :root { --quiet: var(--ink); } }
`

/** One square and one dot: "once". */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0a4a80"/><circle cx="8" cy="8" r="3" fill="#fff"/></svg>`
