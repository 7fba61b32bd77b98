import { expect } from "chai";
import { toBeHex } from "ethers";
import { abiOf } from "../../src/chain/artifacts.ts";
import { type ChangeContext, decodeCall, decodeChange } from "../../src/chain/changes/index.ts";

const [verifier, registry, timelock] = [1, 2, 3].map((n) => ({ address: toBeHex(n, 20), blockNumber: 1 }));
const context = { deployment: { contracts: { verifier, registry, timelock } } } as unknown as ChangeContext;

describe("a scheduled call", () => {
  it("whose bytes only the chain can read is still shown, so that nobody hides an upgrade from the list", async () => {
    const data = abiOf("ProofXVerifier").encodeFunctionData("upgradeToAndCall", [toBeHex(9, 20), "0x01"]);
    // Solidity takes calldata without the padding at its end; strict decoders do not.
    for (const torn of [data.slice(0, -62), data.slice(0, 10), `${data.slice(0, 10)}${"ff".repeat(64)}`]) {
      const raw = { to: verifier?.address ?? "", data: torn };
      expect(decodeCall(context, raw)).to.include({ to: raw.to, data: torn });
      expect(decodeCall(context, raw).description).to.include(data.slice(0, 10));
      expect(await decodeChange(context, raw)).to.equal(undefined);
    }
  });
});
