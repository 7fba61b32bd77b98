import { getAddress, type Provider } from "ethers";
import { InputError } from "../../core/errors.ts";
import { type Change, exactly, makeChange } from "../change.ts";
import { implementationOf } from "../verify.ts";
import { addressOf, type ChangeContext, callOf, timelockSender } from "./context.ts";

/**
 * Lets the verifier's proxy run another implementation, through the timelock. Whether its storage fits is not seen
 * here: validate it before.
 *
 * @param initialize Call to run on the new implementation in the same transaction; none unless given (0x hex).
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
