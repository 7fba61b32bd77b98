import { writeFileDurably } from "../../src/chain/files.ts";
import { PATHS, type StoryFacts } from "./context.ts";
import type { ToldStep } from "./run.ts";
import { STYLE } from "./style.ts";

/** From the page (build/story/index.html) to the project's root, where the code is. */
const ROOT = "../..";

/** Writes the story as one self-contained page: no scripts, no network, links to the code beside it. */
export function writePage(told: readonly ToldStep[], facts: StoryFacts, rpcUrl: string): void {
  writeFileDurably(PATHS.page, renderPage(told, facts, rpcUrl));
}

/** The page's HTML. */
export function renderPage(told: readonly ToldStep[], facts: StoryFacts, rpcUrl: string): string {
  const total = told.reduce((sum, { seconds }) => sum + seconds, 0);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ProofX: the story</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>A policy proved on chain</h1>
<p>${told.length} steps, ${total.toFixed(1)} seconds, on a chain of its own at <code>${escapeHtml(rpcUrl)}</code>.</p>
<p class="claim">What was proved: one committed event of an agent, chosen by the prover, satisfied a registered
policy, in a batch anchored on chain. That every event did is <em>not</em> proved.</p>
</header>
${timeline(told, total)}
<main>
${told.map(section).join("\n")}
<section>
<h2>Addresses</h2>
${table(facts.addresses ?? {})}
</section>
</main>
</body>
</html>
`;
}

/** Steps side by side, as wide as they took long. */
function timeline(told: readonly ToldStep[], total: number): string {
  const bars = told.map(({ step, seconds }, index) => {
    const width = Math.max(1.2, (100 * seconds) / total);
    return `<a href="#${step.id}" style="flex-grow:${width.toFixed(2)}" title="${escapeHtml(step.title)}: ${seconds.toFixed(1)} s">${index + 1}</a>`;
  });
  return `<nav class="timeline" aria-label="Timeline">${bars.join("")}</nav>`;
}

function section({ step, report, commands, seconds, logFile }: ToldStep, index: number): string {
  const code = step.code.map((path) => `<li><a href="${ROOT}/${path}">${escapeHtml(path)}</a></li>`);
  const ran = commands.map(
    ({ line, exitCode, output }) =>
      `<details><summary><code>${escapeHtml(line)}</code>${exitCode === 0 ? "" : ` <b>exit ${exitCode}</b>`}</summary><pre>${escapeHtml(clip(output))}</pre></details>`,
  );
  return `<section id="${step.id}">
<h2><span>${index + 1}</span> ${escapeHtml(step.title)} <small>${seconds.toFixed(1)} s</small></h2>
<p class="result">${escapeHtml(report.result)}</p>
<div class="columns">
<div><h3>In</h3>${table(report.inputs)}</div>
<div><h3>Out</h3>${table(report.outputs)}</div>
</div>
${ran.length > 0 ? `<h3>Commands</h3>${ran.join("\n")}` : ""}
<h3>Code</h3><ul>${code.join("")}</ul>
<p class="log">Log: <a href="${escapeHtml(logFile.replace("build/story/", ""))}">${escapeHtml(logFile)}</a></p>
</section>`;
}

function table(values: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(values).map(
    ([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${render(value)}</td></tr>`,
  );
  return rows.length === 0 ? "<p>nothing</p>" : `<table>${rows.join("")}</table>`;
}

/** A value as HTML: lists and objects line by line. */
function render(value: unknown): string {
  if (Array.isArray(value)) return `<ul>${value.map((item) => `<li>${render(item)}</li>`).join("")}</ul>`;
  if (typeof value !== "object" || value === null) return escapeHtml(String(value));
  const entries = Object.entries(value).map(
    ([name, inner]) => `<dt>${escapeHtml(name)}</dt><dd>${render(inner)}</dd>`,
  );
  return `<dl>${entries.join("")}</dl>`;
}

const CLIP = 4_000;

function clip(text: string): string {
  return text.length > CLIP ? `${text.slice(0, CLIP)}\n… the rest is in the log` : text;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
