import { randomUUID } from "node:crypto";
import type { Fault } from "../runbook/fault.ts";

/** Creates a key by the tasks; gives its address. */
export const fault: Fault = {
  what: "a signer is 90 days old",
  async inject(stage) {
    const name = `old-signer-${randomUUID().slice(0, 8)}`;
    const account =
      await stage.sh(`npx hardhat keys create --name ${name} --algorithm secp256k1 > /dev/null 2>&1
npx hardhat keys list 2> /dev/null | grep -o '^${name} .*0x[0-9a-fA-F]*' | grep -o '0x.*'`);
    await stage.sh(
      `npx hardhat roles grant --network "$NETWORK" --role signer --account ${account} --key admin`,
    );
    return { NAME: name, ACCOUNT: account };
  },
};
