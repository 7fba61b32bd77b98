import { getAddress, keccak256, type Provider, ZeroAddress } from "ethers";
import { CheckError, InputError } from "../../core/errors.ts";
import { type Aspect, type Change, exactly, makeChange } from "../change.ts";
import { adminSender, type ChangeContext, callOf, contractsOf, timelockSender } from "./context.ts";

/** Names of `CircuitStatus` in IProofXVerifier.sol, in its order. */
const STATUSES = ["none", "added", "active", "superseded", "broken"] as const;
export type CircuitStatus = (typeof STATUSES)[number];

/** A circuit version as the chain has it. */
export interface CircuitVersionState {
  readonly version: number;
  readonly circuitVerifier: string;
  readonly status: CircuitStatus;
  /** Unix time (s); undefined while it is trusted. */
  readonly distrustedSince: bigint | undefined;
}

const TRUSTED = 2n ** 64n - 1n;

/** Reads one circuit version; status `none` when there is no such version. */
export async function readCircuitVersion(
  context: ChangeContext,
  version: number,
  now: Provider = context.provider,
): Promise<CircuitVersionState> {
  const record = await contractsOf(context, now).verifier.circuitVersion(version);
  return {
    version,
    circuitVerifier: record.circuitVerifier,
    status: STATUSES[Number(record.status)] ?? "none",
    distrustedSince: record.distrustedSince === TRUSTED ? undefined : record.distrustedSince,
  };
}

/** Every circuit version, oldest first. */
export async function readCircuitVersions(
  context: ChangeContext,
  now: Provider = context.provider,
): Promise<CircuitVersionState[]> {
  const count = Number(await contractsOf(context, now).verifier.circuitVersionCount());
  return Promise.all(
    Array.from({ length: count }, (_, index) => readCircuitVersion(context, index + 1, now)),
  );
}

/** Records a deployed circuit verifier as the next version, without effect until it is activated. */
export async function addCircuitVersion(context: ChangeContext, circuitVerifier: string): Promise<Change> {
  const address = getAddress(circuitVerifier);
  if ((await context.provider.getCode(address)) === "0x") {
    throw InputError.expected("circuit verifier", "the address of a deployed contract", address);
  }
  const call = callOf(
    context,
    "verifier",
    "addCircuitVersion",
    [address],
    `Add the circuit verifier at ${address} as a circuit version`,
  );
  const added: Aspect = {
    what: `circuit version of ${address}`,
    after: "added",
    read: async (now) => {
      const mine = (await readCircuitVersions(context, now)).filter(
        (version) => version.circuitVerifier === address,
      );
      const newest = mine.at(-1);
      if (newest === undefined) return { shows: "none", holds: false };
      const { version, status, distrustedSince } = newest;
      // A distrusted version never comes back: adding its circuit verifier anew is what is left.
      const trusted = distrustedSince === undefined;
      const holds = trusted && (status === "added" || status === "active");
      return { shows: `${version}, ${status}${trusted ? "" : ", distrusted"}`, holds };
    },
  };
  return makeChange(context.provider, call, await adminSender(context, "verifier"), [added]);
}

/**
 * Lets proofs of an added version in, through the timelock. The call names the code that stands there now.
 *
 * @throws CheckError for a version that is retired or distrusted: nothing comes back.
 */
export async function activateCircuitVersion(context: ChangeContext, version: number): Promise<Change> {
  const { circuitVerifier, status, distrustedSince } = await requireVersion(context, version);
  if (status === "superseded" || status === "broken" || distrustedSince !== undefined) {
    const state = distrustedSince === undefined ? status : "distrusted";
    throw new CheckError(`circuit version ${version} is ${state}: nothing comes back`, {
      next: "add its circuit verifier as a new version: npx hardhat circuit-version add --help",
    });
  }
  const codeHash = keccak256(await context.provider.getCode(circuitVerifier));
  const call = callOf(
    context,
    "verifier",
    "activateCircuitVersion",
    [version, circuitVerifier, codeHash],
    `Let proofs of circuit version ${version} in`,
  );
  return makeChange(context.provider, call, timelockSender(context), [
    statusAspect(context, version, "active"),
  ]);
}

/** Ends a version at once: superseded, its attestations carry over; broken, they do not. */
export async function retireCircuitVersion(
  context: ChangeContext,
  version: number,
  as: "superseded" | "broken",
): Promise<Change> {
  const { status } = await requireVersion(context, version);
  if (status === "broken" && as === "superseded") {
    throw new CheckError(`circuit version ${version} is broken already: that cannot be taken back`);
  }
  const broken = as === "broken";
  const call = callOf(
    context,
    "verifier",
    "retireCircuitVersion",
    [version, broken],
    `Retire circuit version ${version} as ${as}${broken ? ": its attestations do not count any more" : ""}`,
  );
  return makeChange(context.provider, call, await adminSender(context, "verifier"), [
    statusAspect(context, version, as),
  ]);
}

/** What a version's status is compared by. */
function statusAspect(context: ChangeContext, version: number, after: CircuitStatus): Aspect {
  return exactly(
    `circuit version ${version}`,
    after,
    async (now) => (await readCircuitVersion(context, version, now)).status,
  );
}

/** @throws InputError for a version that was never added. */
export async function requireVersion(context: ChangeContext, version: number): Promise<CircuitVersionState> {
  const state = await readCircuitVersion(context, version);
  if (state.circuitVerifier !== ZeroAddress) return state;
  throw InputError.expected(
    "circuit version",
    "the number of an added version",
    version,
    "npx hardhat circuit-version list",
  );
}
