import { readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { getBytes, hexlify, Interface, type InterfaceAbi } from "ethers";
import { UnavailableError } from "../core/errors.ts";

/** Where a compiler's output says that something must be filled in: byte offsets into the bytecode. */
interface Reference {
  readonly start: number;
  readonly length: number;
}

/** What the compiler left of one contract (Hardhat 3 artifact). */
export interface Artifact {
  readonly contractName: string;
  readonly sourceName: string;
  readonly inputSourceName: string;
  readonly buildInfoId: string;
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
  readonly deployedBytecode: string;
  readonly linkReferences: Record<string, Record<string, Reference[]>>;
  readonly deployedLinkReferences: Record<string, Record<string, Reference[]>>;
  readonly immutableReferences: Record<string, Reference[]>;
}

/** The contracts a deployment consists of, by the source file that defines them. */
const SOURCES = {
  AnchorRegistry: "contracts/compliance/AnchorRegistry.sol",
  Groth16Verifier: "contracts/compliance/Groth16Verifier.sol",
  ProofXVerifier: "contracts/compliance/ProofXVerifier.sol",
  TimelockController: "@openzeppelin/contracts/governance/TimelockController.sol",
  ERC1967Proxy: "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol",
  PoseidonT4: "poseidon-solidity/PoseidonT4.sol",
} as const;

export type ContractName = keyof typeof SOURCES;
export const CONTRACT_NAMES = Object.keys(SOURCES) as readonly ContractName[];

/** A contract of ours by its name, or any compiled one by its source file: `contracts/next/Next.sol:Next`. */
export type ArtifactName = ContractName | `${string}.sol:${string}`;

/** Whether a text has the form of an {@link ArtifactName}; its artifact may still be missing. */
export function isArtifactName(text: string): text is ArtifactName {
  return Object.hasOwn(SOURCES, text) || /^[\w@./-]+\.sol:\w+$/.test(text);
}

const ARTIFACTS = "artifacts";

/** An artifact and its ABI, as long as the file stays what it is: reading a large ABI takes ethers tens of milliseconds. */
interface Known {
  readonly stamp: string;
  readonly artifact: Artifact;
  readonly abi: () => Interface;
}
const known = new Map<string, Known>();

/** Reads a contract's artifact; {@link UnavailableError} when nothing was compiled yet. */
export function artifact(name: ArtifactName): Artifact {
  return knownOf(name).artifact;
}

/** The ABI of a contract as an ethers interface. */
export function abiOf(name: ArtifactName): Interface {
  return knownOf(name).abi();
}

function knownOf(name: ArtifactName): Known {
  const [source = "", contract = ""] = isOurs(name) ? [SOURCES[name], name] : name.split(":");
  const path = resolve(ARTIFACTS, source, `${contract}.json`);
  const stat = statSync(path, { throwIfNoEntry: false });
  const stamp = `${stat?.ino} ${stat?.size} ${stat?.mtimeMs}`;
  const before = known.get(path);
  if (before?.stamp === stamp) return before;
  const artifact = readJson<Artifact>(path);
  let abi: Interface | undefined;
  const read: Known = {
    stamp,
    artifact,
    abi: () => {
      abi ??= new Interface(artifact.abi);
      return abi;
    },
  };
  known.set(path, read);
  return read;
}

/** What the compiler was given. */
export interface BuildInfo {
  readonly solcLongVersion: string;
  readonly input: { readonly language: string; readonly sources: object; readonly settings: object };
}

/** The compiler's whole input for a contract: what block explorers take as "standard JSON". */
export function buildInfoOf(name: ArtifactName): BuildInfo {
  return readJson<BuildInfo>(join(ARTIFACTS, "build-info", `${artifact(name).buildInfoId}.json`));
}

/** Creation bytecode with library addresses filled in. */
export function linkedBytecode(name: ArtifactName, libraries: Record<string, string>): string {
  const { bytecode, linkReferences } = artifact(name);
  return link(bytecode, linkReferences, libraries);
}

/**
 * Runtime bytecode with library addresses filled in and immutables zeroed; to be compared with
 * {@link maskImmutables} of what a node returns.
 */
export function expectedRuntime(name: ArtifactName, libraries: Record<string, string>): string {
  const { deployedBytecode, deployedLinkReferences } = artifact(name);
  return maskImmutables(name, link(deployedBytecode, deployedLinkReferences, libraries));
}

/**
 * Zeroes the places the constructor writes to. A library's own address (its call protection, the first
 * push of its code) is written by the compiler in the same way and is zeroed too.
 */
export function maskImmutables(name: ArtifactName, runtime: string): string {
  const bytes = getBytes(runtime);
  for (const references of Object.values(artifact(name).immutableReferences)) {
    for (const { start, length } of references) bytes.fill(0, start, start + length);
  }
  if (bytes[0] === 0x73 && bytes[21] === 0x30) bytes.fill(0, 1, 21);
  return hexlify(bytes);
}

function isOurs(name: ArtifactName): name is ContractName {
  return Object.hasOwn(SOURCES, name);
}

function link(
  bytecode: string,
  references: Artifact["linkReferences"],
  libraries: Record<string, string>,
): string {
  let linked = bytecode;
  for (const byLibrary of Object.values(references)) {
    for (const [library, places] of Object.entries(byLibrary)) {
      const address = libraries[library];
      if (address === undefined) throw new Error(`library ${library} has no address to link`);
      for (const { start, length } of places) {
        const from = 2 + start * 2;
        linked = linked.slice(0, from) + address.slice(2).toLowerCase() + linked.slice(from + length * 2);
      }
    }
  }
  return linked;
}

function readJson<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch (cause) {
    throw new UnavailableError(`${relative(".", path)} cannot be read`, {
      cause,
      next: "npx hardhat build --no-tests",
    });
  }
}
