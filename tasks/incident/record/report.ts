import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { writeFileDurably } from "../../../src/chain/files.ts";
import { InputError, ProofXError } from "../../../src/core/errors.ts";
import { readHistory } from "../../../src/ops/alerts/index.ts";
import {
  type Affected,
  affectedBy,
  alertMoments,
  answerMoments,
  chainMoments,
  type IncidentRecord,
  isClosed,
  type Moment,
  publish,
  readAnswered,
  readRecord,
  recordMoments,
  reportHtml,
  reportMarkdown,
  reportPdf,
  responseOf,
  timelineOf,
} from "../../../src/ops/incidents/record/index.ts";
import { openDeployedSession } from "../../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../../support/task.ts";
import { logMoments } from "./log-moments.ts";
import { alertsSettings } from "./sinks.ts";
import { incidentClient, incidentLog, incidentSettings } from "./support.ts";

interface ReportArguments {
  readonly id: string | undefined;
  readonly answers: string | undefined;
  readonly out: string | undefined;
  readonly format: string | undefined;
}

const FORMATS = ["md", "html", "pdf"] as const;
type Format = (typeof FORMATS)[number];

interface Period {
  readonly since: Date;
  readonly until: Date;
}

/** Writes an incident's report, with one timeline of everything that can be read; what cannot is named in it. */
export async function reportIncident(
  args: ReportArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const formats = parseFormats(args.format);
  const settings = incidentSettings();
  const now = new Date();
  const read = readRecord(settings.folder, required("id", args.id, "an incident's id"));
  const { record, pending, reason } = await publish(settings.folder, read, incidentLog(settings));
  const period = periodOf(record, now);
  const answers = (args.answers ?? "")
    .split(",")
    .filter((each) => each !== "")
    .map(readAnswered);
  const missing: string[] =
    pending === 0 || reason === undefined ? [] : [`${pending} entries in the log: ${reason}`];
  const client = incidentClient(settings);
  io.note("reading the log, the chain and the alerts");
  const log = client === undefined ? undefined : await logMoments(client, record, period);
  missing.push(...(log?.missing ?? []));
  const markdown = reportMarkdown({
    record,
    timeline: timelineOf(
      recordMoments(record),
      answerMoments(answers),
      log?.moments ?? [],
      await ofChain(hre, period, missing),
      ofAlerts(period, missing),
    ),
    affected: everybody(affectedBy(answers, []), told(record)),
    missing,
    inLog: log === undefined ? undefined : { same: log.same, pending },
    now,
  });
  const files = await writeReport(args.out ?? settings.folder, record, markdown, formats);
  return {
    data: { id: record.id, files, missing, response: responseOf(record, now) },
    lines: [...files, ...missing.map((each) => `lacks ${each}`)],
  };
}

function parseFormats(text: string | undefined): Format[] {
  const asked = (text ?? FORMATS.join(",")).split(",");
  return asked.map((each) => {
    const found = FORMATS.find((format) => format === each);
    if (found === undefined)
      throw InputError.expected("--format", `${FORMATS.join(", ")}, with commas`, each);
    return found;
  });
}

/** From an hour before it was noticed to when it was closed. */
function periodOf(record: IncidentRecord, now: Date): Period {
  const end = isClosed(record) ? record.entries.at(-1)?.at : undefined;
  return {
    since: new Date(Date.parse(record.since) - 3_600_000),
    until: end === undefined ? now : new Date(end),
  };
}

/** Each once; that somebody was told is said of those who were. */
function everybody(found: readonly Affected[], reached: readonly Affected[]): Affected[] {
  const names = new Set(reached.map(({ who }) => who));
  return [...found.filter(({ who }) => !names.has(who)), ...reached];
}

/** Those whom the record says were told. */
function told({ entries }: IncidentRecord): Affected[] {
  const facts = entries
    .filter(({ kind }) => kind === "notified")
    .flatMap((entry) => Object.entries(entry.facts));
  return [...new Map(facts)].map(([who, why]) => ({ who, why: `${why}; told` }));
}

async function ofChain(hre: HardhatRuntimeEnvironment, period: Period, missing: string[]): Promise<Moment[]> {
  if (hre.globalOptions.network === undefined) {
    missing.push("the chain: name it with --network");
    return [];
  }
  return await orMissing("the chain", missing, async () => {
    const { provider, deployment } = await openDeployedSession(hre);
    return await chainMoments(provider, deployment, period);
  });
}

function ofAlerts({ since, until }: Period, missing: string[]): Moment[] {
  const settings = alertsSettings();
  try {
    if (settings === undefined) throw new InputError("PROOFX_CONFIG names no configuration");
    return alertMoments(readHistory(settings.folder, { since: since.getTime(), until: until.getTime() + 1 }));
  } catch (error) {
    if (!(error instanceof ProofXError)) throw error;
    missing.push(`alerts: ${error.message}`);
    return [];
  }
}

async function orMissing(what: string, missing: string[], read: () => Promise<Moment[]>): Promise<Moment[]> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ProofXError)) throw error;
    missing.push(`${what}: ${error.message}`);
    return [];
  }
}

async function writeReport(
  folder: string,
  record: IncidentRecord,
  markdown: string,
  formats: readonly Format[],
): Promise<string[]> {
  const title = `Incident ${record.id}`;
  mkdirSync(folder, { recursive: true });
  const contents: Readonly<Record<Format, () => Promise<string | Uint8Array>>> = {
    md: async () => markdown,
    html: async () => reportHtml(markdown, title),
    pdf: () => reportPdf(markdown, title),
  };
  const files: string[] = [];
  for (const format of formats) {
    const file = join(folder, `${record.id}.${format}`);
    writeFileDurably(file, await contents[format](), 0o600);
    files.push(file);
  }
  return files;
}

export default action(reportIncident);
