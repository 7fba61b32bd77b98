import { type AleoAccount, aleoAccount } from "../../../src/aleo/account.ts";
import type { FeeLimits } from "../../../src/aleo/client.ts";
import type { AleoSettings } from "../../../src/aleo/settings.ts";
import { InputError } from "../../../src/core/errors.ts";
import { openKeys } from "../../support/keys.ts";
import { parseUnsigned } from "../../support/values.ts";

/** The account behind `--key`. @throws InputError without one, or when it is no key of Aleo's. */
export function accountFor(key: string | undefined): Promise<AleoAccount> {
  if (key === undefined) {
    throw InputError.expected(
      "--key",
      "the name of a key that calls and pays",
      undefined,
      "npx hardhat keys create --name NAME --algorithm aleo",
    );
  }
  return aleoAccount(openKeys(), key);
}

/** `--max-fee` and `--priority-fee`, else what the settings say; microcredits. */
export function feeLimits(
  settings: AleoSettings,
  args: { readonly maxFee: string | undefined; readonly priorityFee: string | undefined },
): FeeLimits {
  return {
    maximum: microcredits("--max-fee", args.maxFee) ?? BigInt(settings.max_fee),
    priority: microcredits("--priority-fee", args.priorityFee) ?? BigInt(settings.priority_fee),
  };
}

function microcredits(name: string, text: string | undefined): bigint | undefined {
  return text === undefined ? undefined : parseUnsigned(name, text, 64);
}
