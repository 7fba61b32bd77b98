import { InputError } from "../../../src/core/errors.ts";

/** The programs in the order in which they are deployed: the verifier reads the registry. */
export const PROGRAMS = [
  { short: "registry", id: "agent_registry_v3.aleo", folder: "leo/agent_registry" },
  { short: "verifier", id: "trust_verifier_v3.aleo", folder: "leo/trust_verifier" },
] as const;

/** Where the sources are, seen from the project. */
export const LEO_FOLDER = "leo";

export type AleoProgram = (typeof PROGRAMS)[number];
export type ProgramId = AleoProgram["id"];

export const [REGISTRY, VERIFIER] = PROGRAMS;

/** The program that `--program` names; both without it. @throws InputError when it names another. */
export function chosenPrograms(name: string | undefined): readonly AleoProgram[] {
  return name === undefined ? PROGRAMS : [namedProgram(name)];
}

/** One of the programs, by its short or its whole name. @throws InputError when it names another, or none. */
export function namedProgram(name: string | undefined): AleoProgram {
  const found = PROGRAMS.find(({ short, id }) => name === short || name === id);
  if (found !== undefined) return found;
  throw InputError.expected("--program", PROGRAMS.flatMap(({ short, id }) => [short, id]).join(", "), name);
}
