import { getAddress, type Provider } from "ethers";
import { InputError, RefusedError } from "../../core/errors.ts";
import { abiOf } from "../artifacts.ts";
import { type Change, exactly, makeChange } from "../change.ts";
import { implementationOf } from "../verify.ts";
import { addressOf, type ChangeContext, callOf, timelockSender } from "./context.ts";
import { listOperations } from "./operations.ts";

/**
 * Lets the verifier's proxy run another implementation, through the timelock. Whether its storage fits is not seen
 * here: validate it before.
 *
 * @param initialize Call to run on the new implementation in the same transaction; none unless given (0x hex).
 * @throws RefusedError for a call to run with the implementation that the proxy has already: it would not be run.
 */
export async function upgradeVerifier(
  context: ChangeContext,
  implementation: string,
  initialize = "0x",
): Promise<Change> {
  const address = getAddress(implementation);
  if ((await context.provider.getCode(address)) === "0x") {
    throw InputError.expected("implementation", "the address of a deployed contract", address);
  }
  if (
    initialize !== "0x" &&
    (await implementationOf(context.provider, addressOf(context, "verifier"))) === address
  ) {
    throw new RefusedError(
      `the verifier runs the implementation at ${address} already: the call would not be run`,
      {
        next: "npx hardhat upgrade list says whether the call was executed with the upgrade; if not, put it into the next upgrade",
      },
    );
  }
  return upgradeChange(context, address, initialize);
}

/** The upgrade as it is, also when it was scheduled already and only its call is left to run. */
export async function upgradeChange(
  context: ChangeContext,
  address: string,
  initialize: string,
): Promise<Change> {
  const call = callOf(
    context,
    "verifier",
    "upgradeToAndCall",
    [address, initialize],
    `Upgrade the verifier to the implementation at ${address}`,
  );
  const read = (now: Provider) => implementationOf(now, addressOf(context, "verifier"));
  return makeChange(context.provider, call, timelockSender(context), [
    exactly("the verifier's implementation", address, read),
  ]);
}

/** An upgrade that waits in the timelock, or whose delay is over. */
export interface OpenUpgrade {
  /** Id of its operation, 32 bytes, 0x hex. */
  readonly operationId: string;
  /** Checksummed. */
  readonly implementation: string;
}

/** Every upgrade of the verifier that was scheduled, by anybody, and neither executed nor cancelled; oldest first. */
export async function openUpgrades(context: ChangeContext): Promise<OpenUpgrade[]> {
  const verifier = addressOf(context, "verifier").toLowerCase();
  const selector = abiOf("ProofXVerifier").getFunction("upgradeToAndCall")?.selector ?? "";
  const open = (await listOperations(context)).filter(({ state }) => "readyAt" in state);
  return open.flatMap(({ id, calls }) =>
    calls
      .filter(({ to, data }) => to.toLowerCase() === verifier && data.startsWith(selector))
      // The first argument by its place: bytes that only the chain can read hide no upgrade.
      .map(({ data }) => ({
        operationId: id,
        implementation: getAddress(`0x${data.slice(34, 74).padEnd(40, "0")}`),
      })),
  );
}
