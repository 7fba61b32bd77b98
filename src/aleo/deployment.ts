import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeFileDurably } from "../chain/files.ts";
import { errorCode, InputError, UnavailableError } from "../core/errors.ts";
import { readFields, uintField } from "../core/json.ts";

const MAX_UINT = Number.MAX_SAFE_INTEGER;
const text = z.string({ error: "text" });

const programRecord = z.strictObject({
  /** As the ledger computes it; 64 hex digits. */
  checksum: text,
  edition: uintField(65_535),
  /** The transaction that brought this edition. */
  transaction: text,
  height: uintField(MAX_UINT),
  /** Who deployed edition 0, and so was its first admin. */
  deployer: text.optional(),
});

const deploymentFile = z.strictObject({
  version: z.literal(1, { error: "1" }),
  network: text,
  /** Hash of block 0: tells two development ledgers apart. */
  genesis: text,
  programs: z.record(z.string(), programRecord),
});

/** Where the programs are on one network, by name. */
export type AleoDeployment = z.output<typeof deploymentFile>;
export type ProgramRecord = z.output<typeof programRecord>;

/** Path of a network's file; the environment moves it for tests and the story. */
export function aleoDeploymentPath(network: string): string {
  return join(process.env.PROOFX_DEPLOYMENTS ?? "deployments", `aleo-${network}.json`);
}

/** Saves it; once this returns it survives a crash. */
export function saveAleoDeployment(deployment: AleoDeployment): void {
  writeFileDurably(aleoDeploymentPath(deployment.network), `${JSON.stringify(deployment, null, 2)}\n`);
}

/**
 * A network's deployment, if its file is there.
 *
 * @param genesis Hash of the ledger's block 0.
 * @throws InputError when the file is damaged or another ledger's; UnavailableError when it cannot be read.
 */
export function findAleoDeployment(network: string, genesis: string): AleoDeployment | undefined {
  const path = aleoDeploymentPath(network);
  if (!existsSync(path)) return undefined;
  const deployment = readFields(deploymentFile, readJsonFile(path), path);
  if (deployment.genesis === genesis) return deployment;
  throw InputError.expected(
    path,
    `a deployment on the ledger that begins with ${genesis}`,
    deployment.genesis,
    network === "devnode"
      ? `the development ledger was started anew: delete ${path}`
      : "check --ledger, and that it is the network's",
  );
}

function readJsonFile(path: string): unknown {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${path} cannot be read (${errorCode(cause)})`, { cause });
  }
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new InputError(`${path}: expected JSON, got something else`, { cause });
  }
}
