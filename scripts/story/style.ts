/** The page's style sheet; inline, because the page must open without anything else. */
export const STYLE = `
:root { --ink: #1c2321; --paper: #fbfaf7; --line: #d9d5cb; --accent: #0b6e4f; --soft: #eef4f0; color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, sans-serif; }
h1 { margin: 0; font-size: 2rem; letter-spacing: -0.02em; }
h2 { margin: 0 0 0.5rem; font-size: 1.2rem; }
h2 span { display: inline-block; min-width: 1.7em; padding: 0 0.3em; text-align: center; color: #fff;
  background: var(--accent); border-radius: 0.4em; }
h2 small { color: #6d746f; font-weight: normal; }
h3 { margin: 1rem 0 0.3rem; font-size: 0.85rem; text-transform: uppercase; letter-spacing: 0.06em; color: #6d746f; }
a { color: var(--accent); }
code, pre, td { font-family: ui-monospace, monospace; font-size: 0.82rem; }
.claim { padding: 0.8rem 1rem; background: var(--soft); border-left: 4px solid var(--accent); }
.timeline { display: flex; gap: 2px; margin: 1.5rem 0; }
.timeline a { flex-basis: 0; min-width: 1.6rem; padding: 0.45rem 0; text-align: center; color: #fff; background: var(--accent);
  text-decoration: none; font-size: 0.8rem; }
.timeline a:hover { opacity: 0.8; }
section { margin: 1.25rem 0; padding: 1.1rem 1.25rem; background: #fff; border: 1px solid var(--line); border-radius: 0.6rem; }
.result { font-weight: 600; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 1.25rem; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th, td { padding: 0.25rem 0.4rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
th { width: 34%; font-weight: 600; font-size: 0.85rem; }
td { overflow-wrap: anywhere; white-space: pre-wrap; }
details { margin: 0.3rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
pre { max-height: 20rem; margin: 0.4rem 0; padding: 0.7rem; overflow: auto; background: #f3f1eb; border-radius: 0.4rem; }
ul { margin: 0; padding-left: 1.1rem; }
dl { margin: 0; }
dt { color: #6d746f; font-family: system-ui, sans-serif; }
dd { margin: 0 0 0.35rem; }
td ul { padding-left: 1rem; }
.log { margin: 0.8rem 0 0; font-size: 0.85rem; color: #6d746f; }
`;
