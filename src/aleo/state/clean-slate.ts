import { InputError, RefusedError } from "../../core/errors.ts";
import type { AleoClient } from "../client.ts";
import type { AleoLedger } from "../ledger.ts";
import { parseProgram } from "../replay/program.ts";
import { TOTAL } from "./registry.ts";

/** A program that is to be deployed afresh. */
export interface FreshProgram {
  readonly id: string;
  readonly source: string;
}

/** How a fresh program stands on a ledger. */
export type FreshStatus = "absent" | "deployed";

/**
 * The compiled programs under the names of another version: `agent_registry_v3.aleo` becomes `agent_registry_v4.aleo`
 * wherever a program is named. A name on Aleo is taken for ever; a clean slate beside a broken program needs another one.
 *
 * @param sources Compiled programs; those that others import, first.
 * @param version As in `_v4`; undefined keeps the names.
 */
export function freshPrograms(sources: readonly string[], version: number | undefined): FreshProgram[] {
  const ids = sources.map((source) => parseProgram(source).id);
  if (version === undefined) return sources.map((source, index) => ({ id: ids[index] ?? "", source }));
  const names = new Map(ids.map((id) => [id, versioned(id, version)]));
  return sources.map((source, index) => {
    const renamed = source.replace(/[a-z]\w*\.aleo\b/g, (name) => names.get(name) ?? name);
    return { id: names.get(ids[index] ?? "") ?? "", source: renamed };
  });
}

/**
 * Looks whether fresh programs can be deployed, or were by a run that was killed.
 *
 * @throws RefusedError for a program of that name that is another, somebody else's, or used already.
 */
export async function freshStatus(
  ledger: AleoLedger,
  program: FreshProgram,
  deployer: string,
): Promise<FreshStatus> {
  const source = await ledger.program(program.id);
  if (source === undefined) return "absent";
  const fault = await usedFault(ledger, program, source, deployer);
  if (fault === undefined) return "deployed";
  throw new RefusedError(`${program.id} is on ${ledger.url} already, and ${fault}; nothing was sent`, {
    next: "A name is taken for ever: give another version with --as N, or another ledger",
  });
}

/** Deploys what is absent, in order. */
export async function deployFresh(
  client: AleoClient,
  programs: readonly FreshProgram[],
  note: (line: string) => void,
): Promise<string[]> {
  const deployed: string[] = [];
  for (const program of programs) {
    if ((await freshStatus(client.ledger, program, client.address)) === "deployed") {
      note(`${program.id} is there already`);
      continue;
    }
    await client.deploy(program.source);
    deployed.push(program.id);
    note(`Deployed ${program.id}`);
  }
  return deployed;
}

async function usedFault(
  ledger: AleoLedger,
  { id, source }: FreshProgram,
  actual: string,
  deployer: string,
): Promise<string | undefined> {
  if (normalized(actual) !== normalized(source)) return "it is another program";
  const admin = await ledger.mapping(id, "roles", "0u8");
  if (admin !== deployer) return `its admin is ${admin ?? "nobody"}`;
  if ((await ledger.mapping(id, "migration", "true")) !== "true") return "its migration is closed";
  const agents = (await ledger.mapping(id, "totals", TOTAL.agents)) ?? "0u64";
  return agents === "0u64" ? undefined : `it has ${agents.slice(0, -3)} agents`;
}

/** A ledger prints a program in a layout of its own. */
const normalized = (source: string): string =>
  source
    .replace(/\/\/[^\n]*/g, "")
    .split(/\s+/)
    .filter((word) => word !== "")
    .join(" ");

function versioned(id: string, version: number): string {
  if (!Number.isInteger(version) || version < 1 || version > 9_999)
    throw InputError.expected("--as", "a number from 1 to 9999", version);
  const match = /^(\w+?)_v\d+\.aleo$/.exec(id);
  if (match === null) throw InputError.expected("program", "a name that ends in _v and a number", id);
  return `${match[1]}_v${version}.aleo`;
}
