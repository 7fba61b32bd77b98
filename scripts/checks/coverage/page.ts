import { type CoverageRow, kindOf } from "./rows.ts";

/** A row and where what it names is run. */
export interface PlacedRow {
  readonly row: CoverageRow;
  /** Of each of `ours`, in its order; undefined where nothing runs it. */
  readonly where: readonly (string | undefined)[];
}

const MANUALS: Readonly<Record<string, string>> = {
  "000": "Operations of a privacy protocol",
  "001": "The playbook",
  "002": "Custody",
  "003": "Aleo runbooks",
  "004": "Security of the log",
};

/** How many rows stand how. */
export function countsOf(rows: readonly PlacedRow[]) {
  const of = (kind: string): PlacedRow[] => rows.filter(({ row }) => kindOf(row) === kind);
  const mapped = of("mapped");
  const executed = mapped.filter(({ where }) => where.some((each) => each !== undefined));
  return {
    all: rows.length,
    mapped: mapped.length,
    executed: executed.length,
    reasons: of("reason").length,
    open: of("open").length,
  };
}

/** `docs/coverage.md`. */
export function coveragePage(rows: readonly PlacedRow[]): string {
  const seeds = [...new Set(rows.map(({ row }) => row.seed))].sort();
  const counted = [
    ...seeds.map(
      (seed) => [`${seed} ${MANUALS[seed] ?? ""}`, rows.filter(({ row }) => row.seed === seed)] as const,
    ),
    ["all", rows] as const,
  ];
  return [
    "# What became of every command of the manuals",
    "This project is made from five manuals. Each command and API call in them is a row of `docs/coverage.toml`: mapped to ours, or with the reason why\nthere is none, or open until the part of the project that it is about comes. `npm run check -- coverage` fails for a row that is none of these, for\none of ours that does not exist, and when this page, but for the places, is not what `node scripts/checks/coverage.ts --write` writes: so it does\nfor a row that nothing runs any more.",
    "*Run* means that a page's commands (all of which are run by the tests) or a test has it.",
    [
      "| manual | rows | mapped | mapped and run | none, with a reason | open |",
      "|---|---|---|---|---|---|",
      ...counted.map(([name, own]) => {
        const { all, mapped, executed, reasons, open } = countsOf(own);
        return `| ${name} | ${all} | ${mapped} | ${executed} | ${reasons} | ${open} |`;
      }),
    ].join("\n"),
    ...seeds.flatMap((seed) => [
      `## ${seed} ${MANUALS[seed] ?? ""}`,
      [
        "| section | theirs | ours | run in |",
        "|---|---|---|---|",
        ...rows.filter(({ row }) => row.seed === seed).map(lineOf),
      ].join("\n"),
    ]),
    "",
  ].join("\n\n");
}

function lineOf({ row, where }: PlacedRow): string {
  const { section, theirs, ours, reason, open } = row;
  const mapped = ours?.map((each) => code(each)).join("<br>");
  const places = where.map((place) => (place === undefined ? "" : link(place)));
  const run = [...new Set(places)].filter((place) => place !== "").join("<br>");
  const answer = mapped ?? (reason === undefined ? `*open*: ${cell(open ?? "")}` : `*none*: ${cell(reason)}`);
  return `| ${cell(section)} | ${code(theirs)} | ${answer} | ${run} |`;
}

/** A page but for the places: that a row is run has to be right, but where changes with every page and test that is added. */
export function withoutPlaces(page: string): string {
  return page
    .split("\n")
    .map((line) => {
      const cells = line.split(/(?<!\\)\|/);
      // Of a row, with what is before its first bar and after its last one; the table of counts has two more.
      const isRow = cells.length === 6;
      return cells.map((cell, i) => (isRow && i === 4 && cell.trim() !== "" ? " run " : cell)).join("|");
    })
    .join("\n");
}

/** Pages are linked relative to `docs/`. */
const link = (file: string): string =>
  file.startsWith("docs/") ? `[${file.slice(5)}](${file.slice(5)})` : `[${file}](../${file})`;

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
const code = (text: string): string => `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
