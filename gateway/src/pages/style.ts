/** The one style sheet, served from its own address: no page has inline style. */
export const styleSheet = `
:root { color-scheme: light; --ink: #1c2733; --quiet: #48535f; --accent: #0b5058; --deep: #073a40; --paper: #f8f6f1; --sheet: #fff;
  --edge: #d9d4c8; --strong-edge: #6b7580; --soft: #e9f2f1; --warm: #fbf0e2; --warm-ink: #6b3a00; --round: .75rem;
  --serif: Charter, "Bitstream Charter", "Iowan Old Style", Cambria, Georgia, serif; }
*, ::before, ::after { box-sizing: border-box; }
html { font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  color: var(--ink); background: var(--paper); scroll-padding-top: 1rem; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; overflow-wrap: break-word; }
main { flex: 1; }
.measure, main { width: 100%; max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
body > header { background: var(--sheet); border-bottom: 1px solid var(--edge); border-top: .3rem solid var(--accent); }
body > header .measure { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center; justify-content: space-between; padding-block: .75rem; }
.brand { display: flex; gap: .6rem; align-items: center; margin: 0; font: 700 1.15rem/1.25 var(--serif); }
.brand a { color: inherit; text-decoration: none; padding-block: .4rem; }
.brand a:hover { text-decoration: underline; }
.brand img { width: 1.75rem; height: 1.75rem; flex: none; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: 0; padding: 0; list-style: none; align-items: center; }
nav li { display: flex; align-items: baseline; }
nav form { margin: 0; }
nav a, nav button.link { display: block; padding: .5rem 0; line-height: 1.6; vertical-align: baseline; }
main { padding-block: 1.5rem 3.5rem; }
body > footer { background: var(--sheet); border-top: 1px solid var(--edge); color: var(--quiet); font-size: .95rem; }
body > footer .measure { padding-block: 1.5rem 2rem; }
body > footer h2 { margin: 0 0 .35rem; font-size: 1.05rem; color: var(--ink); }
body > footer p { margin: .35rem 0; }
h1, h2, h3 { font-family: var(--serif); text-wrap: balance; }
h1 { font-size: clamp(1.75rem, 1.4rem + 1.8vw, 2.35rem); line-height: 1.15; letter-spacing: -.01em; margin: .75rem 0 1rem; }
h2 { font-size: 1.4rem; line-height: 1.25; margin: 2.75rem 0 .75rem; }
h3 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 .5rem; }
p { margin: .75rem 0; }
.lead { font-size: 1.13rem; max-width: 38rem; }
.quiet { color: var(--quiet); }
.said { white-space: pre-line; }
.small { font-size: .92rem; }
a { color: var(--accent); text-decoration-thickness: .06em; text-underline-offset: .18em; }
a:hover { color: var(--deep); text-decoration-thickness: .14em; }
:focus-visible { outline: 3px solid #a33b00; outline-offset: 3px; border-radius: .2rem; }
main:focus { outline: none; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; display: block; padding: .75rem 1rem; background: var(--sheet); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.card { margin: 1rem 0; padding: 1.1rem 1.2rem 1.2rem; background: var(--sheet); border: 1px solid var(--edge); border-radius: var(--round); }
.card > :first-child { margin-top: 0; }
.card > :last-child { margin-bottom: 0; }
.card > h2:first-child { font-size: 1.25rem; }
.card header { display: flex; flex-wrap: wrap; gap: .25rem .75rem; justify-content: space-between; align-items: baseline; }
.card header h2, .card header h3 { margin: 0; }
.card header + p { margin-top: .1rem; }
.note, .alert { padding: .85rem 1.1rem; border-radius: var(--round); background: var(--soft); }
.alert { background: var(--warm); }
.note > :first-child, .alert > :first-child { margin-top: 0; }
.note > :last-child, .alert > :last-child { margin-bottom: 0; }
.tag { display: inline-block; padding: .1rem .65rem; border-radius: .8rem; font: 600 .88rem/1.5 system-ui, sans-serif; background: var(--soft); color: var(--deep); }
.tag.other { background: #eceae4; color: #3d4650; }
.tag.watch { background: var(--warm); color: var(--warm-ink); }
dl { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 1.25rem; margin: .75rem 0; }
dt { margin-top: .55rem; color: var(--quiet); font-size: .95rem; }
dt:first-child { margin-top: 0; }
dd { margin: 0; }
ul.plain { margin: .25rem 0 1rem; padding-left: 1.15rem; }
ul.plain li { margin: .2rem 0; }
dd > ul.plain { margin: 0; padding: 0; list-style: none; }
dd > ul.plain li { margin: 0 0 .15rem; }
ul.cards, ol.cards, ul.routes { padding: 0; margin: 0; list-style: none; }
ul.routes { display: grid; gap: .75rem; }
ul.routes li { padding: .8rem 1.1rem; background: var(--sheet); border: 1px solid var(--edge); border-radius: var(--round); }
ul.routes strong { display: block; }
.card ul.routes li { background: var(--paper); }
fieldset { margin: 1.25rem 0; padding: 0; border: 0; }
legend { padding: 0; font-weight: 600; }
label { display: flex; gap: .6rem; align-items: center; min-height: 2.75rem; padding: .3rem .2rem; }
input:not([type]), input[type=date], select, textarea { box-sizing: border-box; width: 100%; min-height: 2.75rem; padding: .5rem .7rem; font: inherit; color: inherit; background: var(--sheet);
  border: 1px solid var(--strong-edge); border-radius: .4rem; }
input[aria-invalid=true], textarea[aria-invalid=true] { border: 2px solid #a33b00; }
.field { margin: .75rem 0; }
.field label { min-height: 0; }
fieldset.group { margin: 2rem 0; }
fieldset.group > legend h2 { margin: 0; }
strong.alert { display: block; padding: .3rem .7rem; }
input[type=checkbox], input[type=radio] { flex: none; width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--accent); }
button, .button { display: inline-block; min-height: 3rem; padding: .65rem 1.4rem; font: inherit; font-weight: 600; line-height: 1.4;
  color: #fff; background: var(--accent); border: 2px solid var(--accent); border-radius: .6rem; text-align: center; text-decoration: none; cursor: pointer; }
button:hover, .button:hover { color: #fff; background: var(--deep); border-color: var(--deep); }
.second { color: var(--accent); background: var(--sheet); }
.second:hover { color: #fff; background: var(--deep); }
button.link { min-height: 0; padding: .5rem 0; font-weight: 400; color: var(--accent); background: none; border: 0; text-decoration: underline;
  text-decoration-thickness: .06em; text-underline-offset: .18em; border-radius: .2rem; }
button.link:hover { color: var(--deep); background: none; text-decoration-thickness: .14em; }
.choices { display: grid; gap: .75rem; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .55rem .75rem .55rem 0; border-bottom: 1px solid var(--edge); overflow-wrap: anywhere; }
thead th { color: var(--quiet); font-size: .92rem; font-weight: 400; }
tbody th { font-weight: 400; width: 60%; }
td { font-weight: 600; font-variant-numeric: tabular-nums; }
details { margin-top: .75rem; border-top: 1px solid var(--edge); padding-top: .5rem; }
summary { cursor: pointer; padding: .45rem 0; color: var(--accent); }
summary:hover { text-decoration: underline; }
code { font-size: .9em; overflow-wrap: anywhere; }
strong.code { font-family: ui-monospace, "Liberation Mono", monospace; letter-spacing: .12em; }
ol.plain { margin: .25rem 0 1rem; padding: 0; list-style: none; }
ol.plain li { margin: .2rem 0; }
.ways { display: flex; flex-wrap: wrap; gap: .4rem .5rem; margin: .25rem 0 1rem; padding: 0; list-style: none; }
ul.times { display: flex; flex-wrap: wrap; gap: .5rem; margin: .25rem 0 1.5rem; padding: 0; list-style: none; }
ul.times button { padding-inline: 1rem; font-weight: 400; }
ol.steps { padding-left: 1.3rem; }
ol.steps p { margin: .35rem 0; }
.answers, .conditions { padding: 0; margin: 0; list-style: none; }
.answers li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 1.25rem; align-items: center; padding: .35rem 0; border-bottom: 1px solid var(--edge); }
.answers strong { display: block; }
.conditions li { padding: .75rem 0; border-bottom: 1px solid var(--edge); }
.conditions p { margin: .25rem 0; }
.field.short input { max-width: 16rem; }
.field.short label { padding-inline: 0; }
.about { display: flex; flex-wrap: wrap; gap: 0 1.25rem; justify-content: space-between; align-items: baseline; margin-bottom: .75rem; color: var(--quiet); }
.reasons a { display: inline-block; padding: .3rem .2rem; }
@media (min-width: 40rem) {
  dl { grid-template-columns: 11rem minmax(0, 1fr); row-gap: .55rem; }
  dt { margin-top: 0; }
  .choices, ul.routes { grid-template-columns: 1fr 1fr; }
  .card { padding: 1.4rem 1.6rem 1.5rem; }
}
@media (prefers-contrast: more) { :root { --quiet: var(--ink); --edge: var(--strong-edge); } }
@media (forced-colors: active) { .tag, .note, .alert { border: 1px solid; } }
@media print { body > header nav, form, .button { display: none; } html { background: #fff; } }
`

/** One square and one dot: "once". */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#0b5058"/><circle cx="8" cy="8" r="3" fill="#fff"/></svg>`
