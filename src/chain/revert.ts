import { type ErrorDescription, type Interface, isError } from "ethers";
import { CheckError, type ProofXError, UnavailableError } from "../core/errors.ts";
import { abiOf } from "./artifacts.ts";
import { onceACommand } from "./lifetime.ts";
import { roleName } from "./roles.ts";

/** Typed errors of all our contracts: one contract's error may surface in a call to another. */
const interfaces = onceACommand((): Interface[] => [
  abiOf("ProofXVerifier"),
  abiOf("AnchorRegistry"),
  abiOf("Groth16Verifier"),
  abiOf("TimelockController"),
]);

/** `Name(argument=value, …)` of revert data, or undefined when no contract of ours has that error. */
function describeRevert(data: string): string | undefined {
  for (const candidate of interfaces()) {
    const error = candidate.parseError(data);
    if (error !== null) return format(error);
  }
  return undefined;
}

/** Name of the contract's own error in what ethers throws for a refused call; undefined for anything else. */
export function revertName(error: unknown): string | undefined {
  const data = revertData(error);
  if (data === undefined) return undefined;
  for (const candidate of interfaces()) {
    const known = candidate.parseError(data);
    if (known !== null) return known.name;
  }
  return undefined;
}

/** Turns what ethers throws for a refused call into one sentence with the contract's own error. */
export function explainCallError(error: unknown, what: string): ProofXError {
  const data = revertData(error);
  if (data !== undefined && data !== "0x") {
    return new CheckError(`${what} was refused: ${describeRevert(data) ?? data}`, { cause: error });
  }
  if (isError(error, "INSUFFICIENT_FUNDS")) {
    return new UnavailableError(`${what}: the sender cannot pay for the gas`, {
      cause: error,
      next: "fund the sending address",
    });
  }
  if (isError(error, "CALL_EXCEPTION"))
    return new CheckError(`${what} was refused without a reason`, { cause: error });
  return new UnavailableError(`${what}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}

/** Nodes put the revert data at different depths of their error; all keep it under `data`. */
function revertData(error: unknown, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > 6) return undefined;
  const { data, error: inner, info, cause } = error as Record<string, unknown>;
  if (typeof data === "string" && /^0x([0-9a-f]{2})*$/i.test(data)) return data;
  for (const next of [data, inner, info, cause]) {
    const found = revertData(next, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function format({ name, fragment, args }: ErrorDescription): string {
  const parts = fragment.inputs.map((input, index) => {
    const value = String(args[index]);
    return `${input.name}=${input.name === "neededRole" ? roleName(value) : value}`;
  });
  return `${name}(${parts.join(", ")})`;
}
