import { z } from "zod";
import { checkDocs } from "../docs/index.ts";
import { runProgram, scanSecurity } from "../security/index.ts";
import type { ReportSection } from "./report.ts";

/** The security scan as a section; a deep one, or a quick one. What could not run is something to do elsewhere. */
export async function securitySection(
  root: string,
  quick: boolean,
  note: (line: string) => void,
): Promise<ReportSection> {
  const parts = await scanSecurity({ root, deep: !quick, quick, note });
  return {
    title: "Security",
    facts: parts.map(({ name, status, summary }) => ({ name, value: `${status}: ${summary}` })),
    todo: parts.flatMap(({ name, status, findings, next }) => {
      if (status === "clean") return [];
      const what = status === "findings" ? `${findings.length} findings` : "could not run here";
      return [`${name}, ${what}${next === undefined ? "" : `: ${next}`}`];
    }),
  };
}

/** The documentation's check as a section. @param days A page may be behind so long. */
export async function docsSection(root: string, days: number): Promise<ReportSection> {
  const { pages, links, faults, stale } = await checkDocs(root, days);
  return {
    title: "Documentation",
    facts: [
      { name: "pages", value: String(pages) },
      { name: "links", value: `${links}, faults: ${faults.length}` },
      {
        name: "pages behind what they are about",
        value: stale === undefined ? "unknown" : String(stale.length),
      },
    ],
    todo: [
      ...(faults.length === 0 ? [] : [`${faults.length} faults: npx proofx docs check`]),
      ...(stale ?? []).map(({ file, behind }) => `read ${file} again, since ${behind.join(", ")} changed`),
    ],
  };
}

const outdated = z.record(
  z.string(),
  z.looseObject({ current: z.string().optional(), latest: z.string().optional() }),
);

/** Direct dependencies that have newer versions, as the registry says. */
export async function dependenciesSection(root: string): Promise<ReportSection> {
  const title = "Dependencies";
  const ran = await runProgram(["npm", "outdated", "--json", "--fetch-retries=0", "--fetch-timeout=20000"], {
    cwd: root,
    timeoutSeconds: 120,
  });
  const read = outdated.safeParse(parsed(ran.output));
  if (!read.success) {
    const todo = ["npm outdated could not ask the registry: run it where there is network"];
    return { title, facts: [], todo };
  }
  const rows = Object.entries(read.data).filter(([, { current, latest }]) => current !== latest);
  return {
    title,
    facts: rows.map(([name, { current = "none", latest = "unknown" }]) => ({
      name,
      value: `${current}, newest ${latest}`,
    })),
    todo:
      rows.length === 0
        ? []
        : [`${rows.length} packages have newer versions: read their changes, then docs/dependencies.md`],
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
