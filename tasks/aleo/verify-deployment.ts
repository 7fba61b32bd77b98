import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { administrationOf } from "../../src/aleo/administration.ts";
import { programChecksum } from "../../src/aleo/build-record.ts";
import { findAleoDeployment } from "../../src/aleo/deployment.ts";
import { EXIT } from "../../src/core/errors.ts";
import { action, type TaskResult } from "../support/task.ts";
import { inspectBuild } from "./support/build.ts";
import { type AleoProgram, chosenPrograms } from "./support/programs.ts";
import { type AleoArguments, type AleoSession, genesisOf, openAleoSession } from "./support/session.ts";

interface VerifyArguments extends AleoArguments {
  readonly program: string | undefined;
}

/** One comparison; `note` is for what is neither right nor wrong, as a pause. */
interface Finding {
  readonly program: string;
  readonly what: string;
  readonly ok: boolean;
  readonly expected?: string;
  readonly got: string;
}

/** Compares the programs on the ledger with the committed build; the exit code is 1 when anything differs. */
export async function verifyDeployment(
  args: VerifyArguments,
  _hre: HardhatRuntimeEnvironment,
): Promise<TaskResult> {
  const session = await openAleoSession(args);
  const findings: Finding[] = [];
  for (const program of chosenPrograms(args.program))
    findings.push(...(await verifyProgram(session, program)));
  const wrong = findings.filter(({ ok }) => !ok);
  const verdict = wrong.length === 0 ? "is what the sources say" : `differs in ${wrong.length} points`;
  return {
    data: { network: session.network, ok: wrong.length === 0, findings },
    lines: [`The deployment on ${session.network} ${verdict}:`, ...findings.map(findingLine)],
    exitCode: wrong.length === 0 ? EXIT.ok : EXIT.failed,
  };
}

async function verifyProgram(session: AleoSession, program: AleoProgram): Promise<Finding[]> {
  const { ledger } = session;
  const { id } = program;
  const { source, record, faults } = await inspectBuild(program);
  const build: Finding = {
    program: id,
    what: "committed build is of these sources",
    ok: faults.length === 0,
    got: faults.join("; ") || `by leo ${record.leo}`,
  };
  const there = await ledger.program(id);
  if (there === undefined) {
    return [build, { program: id, what: "is on the ledger", ok: false, got: `nothing on ${ledger.url}` }];
  }
  const checksum = await programChecksum(there);
  return [
    build,
    same(id, "checksum", record.checksum, checksum),
    same(id, "text is the build's", await printed(source), there.trim()),
    same(id, "constructor", constructorOf(await printed(source)), constructorOf(there)),
    ...(await recorded(session, program, checksum)),
    ...(await governed(session, program)),
  ];
}

/** What `deployments/aleo-NETWORK.json` says of the program. */
async function recorded(session: AleoSession, { id }: AleoProgram, checksum: string): Promise<Finding[]> {
  const edition = await session.ledger.edition(id);
  const noted = findAleoDeployment(session.network, await genesisOf(session))?.programs[id];
  const got = `edition ${edition}, checksum ${checksum}`;
  if (noted === undefined) {
    return [{ program: id, what: "edition", ok: true, got: `${edition}; no deployment file notes it` }];
  }
  const expected = `edition ${noted.edition}, checksum ${noted.checksum}`;
  return [same(id, "edition and checksum of the deployment file", expected, got)];
}

/** Who governs the program now, for the reader to judge; only that somebody does can be wrong. */
async function governed({ ledger }: AleoSession, { id }: AleoProgram): Promise<Finding[]> {
  const { admin, pending, paused, migrating } = await administrationOf(ledger, id);
  const handOver =
    pending === undefined ? "" : `; ${pending.admin} may take over from height ${pending.readyAt}`;
  return [
    { program: id, what: "admin", ok: admin !== undefined, got: `${admin ?? "nobody"}${handOver}` },
    { program: id, what: "pause", ok: true, got: paused ? "PAUSED" : "runs" },
    {
      program: id,
      what: "migration",
      ok: true,
      got: migrating ? "OPEN: nobody can register yet" : "closed for ever",
    },
  ];
}

/** The text as the ledger prints it, which is not the compiler's to the last space. */
async function printed(source: string): Promise<string> {
  const { Program } = await import("@provablehq/sdk/testnet.js");
  const program = Program.fromString(source);
  try {
    return program.toString().trim();
  } finally {
    program.free();
  }
}

function constructorOf(source: string): string {
  return /^constructor:\n(?:[ \t]+.*\n?)*/m.exec(source)?.[0].trim() ?? "none";
}

/** A whole program is compared, not shown. */
function same(program: string, what: string, expected: string, got: string): Finding {
  const ok = expected === got;
  const brief = (text: string) => (text.includes("\n") ? `${text.split("\n").length} lines` : text);
  return { program, what, ok, expected: brief(expected), got: ok ? brief(got) : `another: ${brief(got)}` };
}

function findingLine({ program, what, ok, expected, got }: Finding): string {
  if (ok) return `  ok    ${program} ${what}: ${got}`;
  return `  WRONG ${program} ${what}: ${expected === undefined ? "" : `expected ${expected}, `}got ${got}`;
}

export default action(verifyDeployment);
