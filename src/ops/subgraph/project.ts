import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { artifact } from "../../chain/artifacts.ts";
import { contractOf, type Deployment } from "../../chain/deployment.ts";
import { CheckError } from "../../core/errors.ts";
import { findAsc, findGnd, findModules, runTool } from "./tools.ts";

/** Sources of the subgraph: the checkout's, wherever the command is run. */
const SOURCES = resolve(import.meta.dirname, "../../../subgraph");
const CONTRACTS = {
  ProofXVerifier: "verifier",
  AnchorRegistry: "registry",
  TimelockController: "timelock",
} as const;
/** Seconds; compiling takes five on a machine that does nothing else. */
const TIMEOUT = 300;

/** Where one contract is followed, and from which block on. */
export interface Place {
  readonly address: string;
  readonly startBlock: number;
}
export type Places = Readonly<Record<keyof typeof CONTRACTS, Place>>;

/** The contracts of a deployment that the subgraph follows. */
export function placesOf(deployment: Deployment): Places {
  const place = (role: (typeof CONTRACTS)[keyof typeof CONTRACTS]): Place => {
    const { address, blockNumber } = contractOf(deployment, role);
    return { address, startBlock: blockNumber };
  };
  return {
    ProofXVerifier: place("verifier"),
    AnchorRegistry: place("registry"),
    TimelockController: place("timelock"),
  };
}

/** Where a network's subgraph is made. */
export function projectFolder(network: string): string {
  return join("build/subgraph", network);
}

/**
 * Lays out a project as The Graph's tools want it: sources, the ABIs of the compiled contracts, and types generated from both.
 *
 * @throws UnavailableError without the tools or the compiled contracts; CheckError when the schema or manifest is refused.
 */
export async function generateTypes(folder: string, sources: string = SOURCES): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "abis"), { recursive: true });
  cpSync(sources, folder, { recursive: true });
  for (const name of Object.keys(CONTRACTS) as (keyof typeof CONTRACTS)[])
    writeFileSync(join(folder, "abis", `${name}.json`), JSON.stringify(artifact(name).abi, null, 2));
  await gnd(["codegen", "--skip-migrations", "--ipfs", NOWHERE], folder);
}

/**
 * Builds the subgraph for a network, or for none, as its tests want it.
 *
 * @param network As The Graph calls it; with `places`, what the manifest is about.
 * @param sources Folder of other sources than the checkout's.
 * @returns path of the built manifest.
 */
export async function buildSubgraph(
  folder: string,
  network?: string,
  places?: Places,
  sources?: string,
): Promise<string> {
  await generateTypes(folder, sources);
  const about = network === undefined || places === undefined ? [] : writeNetwork(folder, network, places);
  await gnd(["build", ...COMPILING, ...about], folder);
  return join(folder, "build/subgraph.yaml");
}

/** A graph-node that stays, and what it calls the subgraph. */
export interface Receiver {
  readonly name: string;
  /** URL for its administrators. */
  readonly node: string;
  /** URL of the IPFS it reads from. */
  readonly ipfs: string;
}

/** Builds the subgraph and gives it to a graph-node, under a name that is made if need be; for the rest as {@link buildSubgraph}. */
export async function deploySubgraph(
  folder: string,
  { name, node, ipfs }: Receiver,
  network: string,
  places: Places,
): Promise<void> {
  await generateTypes(folder);
  const about = writeNetwork(folder, network, places);
  await gnd(["create", "--node", node, name], folder);
  const label = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const where = ["--node", node, "--ipfs", ipfs, "--version-label", label];
  await gnd(["deploy", ...where, ...COMPILING, ...about, name], folder);
}

/** For gnd's checks of what is older: its words for compilers, and manifests of former versions. */
const COMPILING = ["--skip-migrations", "--skip-asc-version-check"];

/** Where a network's contracts are, as gnd fills it into the manifest. @returns the words that say so. */
function writeNetwork(folder: string, network: string, places: Places): string[] {
  writeFileSync(join(folder, "networks.json"), JSON.stringify({ [network]: places }, null, 2));
  return ["--network", network, "--network-file", "networks.json"];
}

/** Nothing is asked of IPFS. */
const NOWHERE = "http://127.0.0.1:1";

/** Runs one of gnd's commands in a project; CheckError with its words when it refuses. */
export async function gnd(args: readonly string[], folder: string): Promise<string> {
  const { code, output } = await runTool(findGnd(), args, {
    cwd: folder,
    env: { ...process.env, PATH: [writePrograms(folder), process.env.PATH ?? ""].join(delimiter) },
    timeout: TIMEOUT,
  });
  if (code === 0) return output;
  throw new CheckError(`gnd ${args[0]} refused the subgraph:\n${output.trim()}`, {
    next: `correct what is in ${SOURCES}`,
  });
}

/** Writes what gnd calls by name, before the machine's own: the compiler, and the formatter of what it generated. */
function writePrograms(folder: string): string {
  const bin = resolve(folder, "bin");
  if (existsSync(join(bin, "asc"))) return bin;
  mkdirSync(bin, { recursive: true });
  const write = (name: string, script: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  write("asc", compilerScript());
  // `npx prettier`, four times: it takes longer than compiling, would be fetched where it is not installed, and nobody reads these files.
  write("npx", '[ "$1" = prettier ] && exec cat\nexit 127');
  return bin;
}

/**
 * The compiler that graph-ts brings, 0.27, for which gnd's words are too old. Without the first option graph-node finds no `_start`; with
 * the features of the rest it does not know the code ("Unknown opcode 252"). Its version is asked for before each file.
 */
function compilerScript(): string {
  const asc = findAsc();
  const { version } = JSON.parse(readFileSync(resolve(asc, "../../package.json"), "utf8")) as {
    version: string;
  };
  const options =
    "--exportStart _start --disable bulk-memory --disable sign-extension --disable nontrapping-f2i";
  const words = [process.execPath, asc].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return [
    `[ "$1" = --version ] && exec echo 'Version ${version}'`,
    `exec ${words.join(" ")} ${options} --path '${findModules()}' "$@" --optimizeLevel 0 --shrinkLevel 0`,
  ].join("\n");
}
