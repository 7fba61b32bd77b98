import { expect } from "chai";
import { type SolidityVerifyingKey, type VerifyRequest, verifySetup } from "../../src/setup/index.ts";
import { keepWorkers, requestOf, type Small, small } from "./support/small.ts";

describe("Verifying a trusted setup against the deployed key", function () {
  this.timeout(120_000);
  let given: Small;
  let request: VerifyRequest;

  keepWorkers();
  before(async () => {
    given = await small();
    request = requestOf(given);
  });

  async function firstWrong(deployedKey: SolidityVerifyingKey): Promise<string> {
    const result = await verifySetup({ ...request, deployedKey });
    return result.firstWrong?.name ?? "nothing";
  }

  const word = (pair: readonly [bigint, bigint]): [bigint, bigint] => [pair[0], pair[1] + 1n];

  it("with any single point changed is refused, and the word is named", async () => {
    const key = given.setup.verifyingKey;
    const changed: [string, SolidityVerifyingKey][] = [
      ["ic[3].y", { ...key, ic: [key.ic[0], key.ic[1], key.ic[2], word(key.ic[3]), key.ic[4]] }],
      ["delta.x.real", { ...key, delta: [word(key.delta[0]), key.delta[1]] }],
      ["alpha.y", { ...key, alpha: word(key.alpha) }],
    ];
    for (const [name, deployedKey] of changed) {
      const { firstWrong: wrong } = await verifySetup({
        ...request,
        deployedKey,
        initialKey: given.setup.initialKey,
      });
      expect(wrong?.name).to.equal("deployed key");
      expect(wrong?.expected).to.match(new RegExp(`^${name.replace(/[[\].]/g, "\\$&")} = \\d+$`));
    }
  });

  it("with the parts of a G2 coordinate swapped is refused", async () => {
    const { beta, ...rest } = given.setup.verifyingKey;
    const [[xi, xr], y] = beta;
    expect(await firstWrong({ ...rest, beta: [[xr, xi], y] })).to.equal("deployed key");
  });
});
