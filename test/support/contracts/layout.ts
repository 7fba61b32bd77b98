import { readFileSync } from "node:fs";
import { keccak256, toBeHex, toUtf8Bytes } from "ethers";
import hre from "hardhat";

/** A namespace of ERC-7201: where it begins and what lies there, in order. Order and types make every slot and offset. */
export interface Namespace {
  readonly slot: string;
  readonly members: readonly string[];
}

export interface Layout {
  readonly namespaces: Readonly<Record<string, Namespace>>;
  /** Structs and enums that the members are made of, by their full name. */
  readonly types: Readonly<Record<string, readonly string[]>>;
  /** Variables outside any namespace, which an upgradeable contract must not have. */
  readonly loose: readonly string[];
}

interface Node {
  readonly id: number;
  readonly nodeType: string;
  readonly name: string;
  readonly canonicalName?: string;
  readonly nodes?: readonly Node[];
  readonly members?: readonly Node[];
  readonly linearizedBaseContracts?: readonly number[];
  readonly documentation?: { readonly text: string };
  readonly typeDescriptions?: { readonly typeString: string };
  readonly mutability?: string;
}

const ANNOTATION = /@custom:storage-location erc7201:(\S+)/;
const NAMED_TYPE = /\b(?:struct|enum) ([\w.]+)/g;

/** Where a namespace begins, by the formula of ERC-7201. */
export function slotOf(namespace: string): string {
  const inner = BigInt(keccak256(toUtf8Bytes(namespace))) - 1n;
  return toBeHex(BigInt(keccak256(toBeHex(inner, 32))) & ~0xffn, 32);
}

/** The storage layout of an upgradeable contract and all its bases, from the compiler's syntax tree. */
export async function layoutOf(contract: string): Promise<Layout> {
  const nodes = await syntaxTree(contract);
  const named = nodes.find(
    (node) => node.nodeType === "ContractDefinition" && node.name === contract.split(":")[1],
  );
  const bases = (named?.linearizedBaseContracts ?? []).flatMap((id) =>
    nodes.filter((node) => node.id === id),
  );
  const inside = bases.flatMap((base) => base.nodes ?? []);
  const spaces = inside.flatMap((node) => {
    const name = ANNOTATION.exec(node.documentation?.text ?? "")?.[1];
    return name === undefined ? [] : [[name, { slot: slotOf(name), members: membersOf(node) }] as const];
  });
  const namespaces = Object.fromEntries(spaces.sort(([a], [b]) => a.localeCompare(b)));
  const defined = new Map(
    [...nodes, ...nodes.flatMap((node) => node.nodes ?? [])].map((node) => [node.canonicalName, node]),
  );
  return {
    namespaces,
    types: typesIn(
      Object.values(namespaces).flatMap(({ members }) => members),
      defined,
    ),
    loose: inside
      .filter((node) => node.nodeType === "VariableDeclaration" && node.mutability === "mutable")
      .map(({ name }) => name),
  };
}

/** Top-level definitions of every source that the contract was compiled with. */
async function syntaxTree(contract: string): Promise<Node[]> {
  const id = await hre.artifacts.getBuildInfoId(contract);
  const path = id === undefined ? undefined : await hre.artifacts.getBuildInfoOutputPath(id);
  if (path === undefined) throw new Error(`${contract} was not compiled: npx hardhat build --no-tests`);
  const { output } = JSON.parse(readFileSync(path, "utf8")) as {
    output: { sources: Record<string, { ast: Node }> };
  };
  return Object.values(output.sources).flatMap(({ ast }) => ast.nodes ?? []);
}

function membersOf(node: Node): string[] {
  return (node.members ?? []).map(({ name, typeDescriptions }) =>
    typeDescriptions === undefined ? name : `${typeDescriptions.typeString} ${name}`,
  );
}

/** Types reached from members, and from the members of these. */
function typesIn(
  members: readonly string[],
  defined: ReadonlyMap<string | undefined, Node>,
): Layout["types"] {
  const found = new Map<string, readonly string[]>();
  const visit = (member: string): void => {
    for (const [, name = ""] of member.matchAll(NAMED_TYPE)) {
      const node = defined.get(name);
      if (node === undefined || found.has(name)) continue;
      found.set(name, membersOf(node));
      for (const each of membersOf(node)) visit(each);
    }
  };
  for (const member of members) visit(member);
  return Object.fromEntries([...found].sort(([a], [b]) => a.localeCompare(b)));
}
