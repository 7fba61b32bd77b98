import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type KnownCommands, knownCommands } from "./commands/known.ts";
import { faultOf, typedCommands } from "./commands/typed.ts";
import { countsOf, coveragePage, type PlacedRow, withoutPlaces } from "./coverage/page.ts";
import { commandOf, Places } from "./coverage/places.ts";
import { type CoverageRow, kindOf, ROWS_FILE, readRows } from "./coverage/rows.ts";
import { ROOT } from "./support/process.ts";
import { type Fault, repositoryFiles } from "./support/sources.ts";

const PAGE_FILE = "docs/coverage.md";
const CALL = /^(GET|POST|PUT|DELETE) (\/\S*)$/;

/** Rows that are mapped to nothing, or to what does not exist; and a page that is not what the rows say. */
export async function findCoverageFaults(root: string = ROOT): Promise<Fault[]> {
  const known = await knownCommands();
  const files = await repositoryFiles(root);
  const rows = readRows(root);
  const routes = routesOf(root, files);
  const faults = rows.flatMap((row) =>
    rowFaults(row, known, routes).map((message) => faultAt(ROWS_FILE, message)),
  );
  if (faults.length > 0) return faults;
  const page = coveragePage(placed(rows, root, files, known));
  const path = join(root, PAGE_FILE);
  const same = existsSync(path) && withoutPlaces(readFileSync(path, "utf8")) === withoutPlaces(page);
  return same
    ? []
    : [faultAt(PAGE_FILE, "it is not what the rows say: node scripts/checks/coverage.ts --write")];
}

function faultAt(file: string, message: string): Fault {
  return { file, line: 1, rule: "coverage", message };
}

/** What is wrong with a row. */
export function rowFaults(row: CoverageRow, known: KnownCommands, routes: string): string[] {
  const place = `${row.seed}, ${row.section}, ${row.theirs}`;
  if (row.where !== undefined && !existsSync(join(ROOT, row.where)))
    return [`${place}: ${row.where} does not exist`];
  if (kindOf(row) === undefined) return [`${place}: expected one of ours, reason, open`];
  return (row.ours ?? []).flatMap((ours) => {
    const call = CALL.exec(ours)?.[2];
    if (call !== undefined) return routes.includes(`"${call}"`) ? [] : [`${place}: no service has ${ours}`];
    const [typed] = typedCommands(ours);
    const fault =
      typed === undefined ? `${ours}: expected npx hardhat, npx proofx or a call` : faultOf(typed, known);
    return fault === undefined ? [] : [`${place}: ${fault}`];
  });
}

/** Everything that services say of their routes. */
const routesOf = (root: string, files: readonly string[]): string =>
  files
    .filter((file) => /^src\/services\/.*\.ts$/.test(file))
    .map((file) => readFileSync(join(root, file), "utf8"))
    .join("\n");

function placed(
  rows: readonly CoverageRow[],
  root: string,
  files: readonly string[],
  known: KnownCommands,
): PlacedRow[] {
  const places = new Places(
    root,
    files.filter((file) => file !== PAGE_FILE),
    known,
  );
  const whereIs = (ours: string): string | undefined => {
    const call = CALL.exec(ours)?.[2];
    if (call !== undefined) return places.ofCall(call);
    const [typed] = typedCommands(ours);
    return typed === undefined ? undefined : places.ofCommand(commandOf(typed, known));
  };
  return rows.map((row) => ({ row, where: (row.ours ?? []).map((ours) => whereIs(ours) ?? row.where) }));
}

/** `node scripts/checks/coverage.ts [--write]`: prints the counts, and writes the page. */
async function main(write: boolean): Promise<void> {
  const known = await knownCommands();
  const files = await repositoryFiles(ROOT);
  const rows = placed(readRows(ROOT), ROOT, files, known);
  if (write) writeFileSync(join(ROOT, PAGE_FILE), coveragePage(rows));
  const { all, mapped, executed, reasons, open } = countsOf(rows);
  console.log(
    `${all} rows: ${mapped} mapped, ${executed} of them run; ${reasons} with a reason; ${open} open`,
  );
  for (const { row, where } of rows)
    if (kindOf(row) === "mapped" && where.every((each) => each === undefined))
      console.log(`not run: ${row.ours?.join("; ")}`);
  for (const { message } of await findCoverageFaults()) console.log(message);
}

if (import.meta.main) await main(process.argv.includes("--write"));
