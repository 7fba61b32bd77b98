import { join } from "node:path";
import { expect } from "chai";
import { zKey } from "snarkjs";
import { readKeyHistory } from "../../src/setup/mpc-params.ts";
import { keepWorkers, type Small, small } from "./support/small.ts";

describe("A proving key's contributions", function () {
  this.timeout(60_000);
  keepWorkers();
  let given: Small;
  before(async () => {
    given = await small();
  });

  it("are read with the hashes that snarkjs gave to those who contributed", async () => {
    const [first, second, ended] = ["h1", "h2", "h3"].map((name) => join(given.folder, `${name}.zkey`));
    const beacon = "00112233445566778899aabbccddeeff";
    const hashes: Uint8Array[] = [
      await zKey.contribute(given.setup.initialKey, first, "Ada, no accents", "entropy 1"),
      await zKey.contribute(first, second, "Zoë", "entropy 2"),
      await zKey.beacon(second, ended, "the end", beacon, 11),
    ];
    const history = await readKeyHistory(ended ?? "");
    const hex = (i: number): string => `0x${Buffer.from(hashes[i] ?? []).toString("hex")}`;
    expect(history).to.deep.equal({
      contributions: [
        { index: 1, name: "Ada, no accents", kind: "contribution", hash: hex(0) },
        { index: 2, name: "Zoë", kind: "contribution", hash: hex(1) },
        { index: 3, name: "the end", kind: "beacon", hash: hex(2) },
      ],
      beacon: { value: `0x${beacon}`, iterationsExp: 11 },
    });
  });

  it("are none in a key that nobody contributed to", async () => {
    expect(await readKeyHistory(given.setup.initialKey)).to.deep.equal({
      contributions: [],
      beacon: undefined,
    });
  });
});
