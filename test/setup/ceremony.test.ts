import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import {
  type CeremonyVerification,
  exportCeremony,
  readCeremony,
  verifyCeremony,
} from "../../src/setup/ceremony/index.ts";
import { exportVerificationKey, toSolidity, verifySetup } from "../../src/setup/index.ts";
import { openWorkshop, PEOPLE, type Workshop } from "./support/ceremony.ts";
import { keepWorkers } from "./support/small.ts";

describe("A ceremony of three contributors", function () {
  this.timeout(240_000);
  keepWorkers();
  let shop: Workshop;

  before(async () => {
    shop = await openWorkshop();
    await shop.begin();
    for (const [person] of PEOPLE.entries()) await shop.contribute(person);
    await shop.finish();
  });

  const verify = (folder = shop.folder): Promise<CeremonyVerification> =>
    verifyCeremony({ folder, r1cs: shop.given.circuit.r1cs, ptau: shop.given.ptau });

  it("holds, and says what no program can see", async () => {
    const result = await verify();
    expect(result.firstWrong).to.equal(undefined);
    expect(result).to.deep.include({ ok: true, finished: true, contributors: 3, keyChecked: true });
    expect(result.remarks).to.deep.equal([
      "look the beacon's value up: hash of the test chain's block 1,000,000. No signature proves it",
    ]);
    expect(result.checks.map(({ status }) => status)).not.to.include("not checked");
  });

  it("is exported as a setup that verifies by itself", async () => {
    const to = join(await shop.copy(), "../exported");
    const { circuit, ptau } = shop.given;
    const setup = await exportCeremony({ folder: shop.folder, circuit, ptau, to });
    expect(setup.transcript.contributions.map(({ name }) => name)).to.deep.equal([...PEOPLE, "beacon"]);
    expect(setup.development).to.equal(false);
    expect(setup.transcript.ceremony?.name).to.equal("001-small");
    const request = { r1cs: circuit.r1cs, ptau, zkey: setup.zkey, transcript: setup.transcriptFile };
    expect((await verifySetup(request)).firstWrong).to.equal(undefined);
  });

  it("is not exported twice into one folder", async () => {
    const to = join(await shop.copy(), "../exported");
    const { circuit, ptau } = shop.given;
    await exportCeremony({ folder: shop.folder, circuit, ptau, to });
    const again = exportCeremony({ folder: shop.folder, circuit, ptau, to });
    expect(String(await again.catch((error: unknown) => error))).to.contain("nothing is overwritten");
  });

  describe("with one byte changed", () => {
    it("in any line of any record is refused, and the record is named", async () => {
      const records = ["ceremony.json", "contributions/0001.json", "contributions/0002.json"];
      for (const file of [...records, "contributions/0003.json", "beacon.json"]) {
        const folder = await shop.copy();
        const path = join(folder, file);
        const original = readFileSync(path);
        for (const at of spread(original)) {
          const bytes = Buffer.from(original);
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          writeFileSync(path, bytes);
          // Records are read before anything else, so this finding is the first of the whole verification.
          const refused = await readCeremony(folder).catch((error: unknown) => String(error));
          if (typeof refused === "string") {
            expect(refused, `${file}, byte ${at}`).to.contain("CheckError").and.contain(path);
          } else {
            // What a beacon of no known signer says of the final key shows only beside that key.
            expect(file).to.equal("beacon.json");
            expect((await verify(folder)).firstWrong?.where, `byte ${at}`).to.match(/final\.zkey$/);
          }
        }
      }
    });

    it("in any proving key is refused, and the key is named", async () => {
      for (const file of readdirSync(join(shop.folder, "keys"))) {
        const folder = await shop.copy();
        const path = join(folder, "keys", file);
        const original = readFileSync(path);
        for (const at of [Math.floor(original.length / 3), original.length - 1]) {
          const bytes = Buffer.from(original);
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          writeFileSync(path, bytes);
          const { ok, firstWrong } = await verify(folder);
          expect(ok, `${file}, byte ${at}`).to.equal(false);
          expect(firstWrong).to.deep.include({ name: "proving key file", where: path });
        }
      }
    });
  });

  describe("with a record", () => {
    const contribution = (folder: string, index: number): string =>
      join(folder, "contributions", `000${index}.json`);

    async function firstWrong(change: (folder: string) => void): Promise<string> {
      const folder = await shop.copy();
      change(folder);
      const result = await verify(folder);
      expect(result.ok).to.equal(false);
      const { where = "", expected = "", got = "" } = result.firstWrong ?? {};
      return `${where.replace(folder, "")}: expected ${expected}, got ${got}`;
    }

    it("dropped in the middle is refused", async () => {
      const wrong = await firstWrong((folder) => rmSync(contribution(folder, 2)));
      expect(wrong).to.equal(
        "contributions/0002.json: expected the next contribution, got no such file, but 0003.json",
      );
    });

    it("dropped in the middle, the others moved up, is refused", async () => {
      const wrong = await firstWrong((folder) =>
        renameSync(contribution(folder, 3), contribution(folder, 2)),
      );
      expect(wrong).to.equal("contributions/0002.json: expected index 2, got 3");
    });

    it("dropped at the end, the beacon kept, is refused", async () => {
      const wrong = await firstWrong((folder) => rmSync(contribution(folder, 3)));
      expect(wrong).to.match(/^beacon.json: expected previous 0x/);
    });

    it("dropped at the end with the beacon is refused while the keys are there", async () => {
      const wrong = await firstWrong((folder) => {
        rmSync(contribution(folder, 3));
        rmSync(join(folder, "beacon.json"));
      });
      expect(wrong).to.match(/^\/keys\/0003.zkey: expected a record for every key/);
    });

    it("repeated is refused", async () => {
      const wrong = await firstWrong((folder) => {
        rmSync(join(folder, "beacon.json"));
        writeFileSync(contribution(folder, 4), readFileSync(contribution(folder, 3)));
      });
      expect(wrong).to.equal("contributions/0004.json: expected index 4, got 3");
    });

    it("in another's place is refused", async () => {
      const wrong = await firstWrong((folder) => {
        const [first, second] = [contribution(folder, 1), contribution(folder, 2)];
        const text = readFileSync(first);
        renameSync(second, first);
        writeFileSync(second, text);
      });
      expect(wrong).to.equal("contributions/0001.json: expected index 1, got 2");
    });

    it("signed by another is refused", async () => {
      const wrong = await firstWrong((folder) => {
        const [mine, theirs] = [contribution(folder, 1), contribution(folder, 2)];
        const { signature } = JSON.parse(readFileSync(theirs, "utf8"));
        edit(mine, (record) => Object.assign(record, { signature }));
      });
      expect(wrong).to.contain("contributions/0001.json: expected the contributor's signature");
    });

    it("written in another way is refused: a second name for a field, or another order", async () => {
      const wrong = await firstWrong((folder) => {
        const path = contribution(folder, 2);
        writeFileSync(
          path,
          readFileSync(path, "utf8").replace('  "index": 2,', '  "index": 1,\n  "index": 2,'),
        );
      });
      expect(wrong).to.contain("contributions/0002.json").and.contain("line 4");
    });

    it("that nobody knows beside them is refused", async () => {
      const wrong = await firstWrong((folder) => writeFileSync(join(folder, "final.zkey"), "?"));
      expect(wrong).to.contain("final.zkey: expected nothing but");
    });
  });

  describe("without some of its keys", () => {
    it("says which it could not check, and holds when the last is there", async () => {
      const folder = await shop.copy();
      for (const index of [0, 1, 2, 3]) rmSync(join(folder, "keys", `000${index}.zkey`));
      const result = await verify(folder);
      expect(result.ok).to.equal(true);
      expect(result.checks.filter(({ status }) => status === "not checked")).to.have.length(4);
      expect(result.remarks.filter((each) => each.startsWith("not checked"))).to.have.length(4);
    });

    it("does not hold without the last one, though nothing is wrong", async () => {
      const folder = await shop.copy();
      rmSync(join(folder, "keys"), { recursive: true });
      const result = await verify(folder);
      expect(result.firstWrong).to.equal(undefined);
      expect(result).to.deep.include({ ok: false, keyChecked: false });
    });

    it("takes the last one from anywhere", async () => {
      const folder = await shop.copy();
      const zkey = join(folder, "../brought.zkey");
      renameSync(join(folder, "keys/final.zkey"), zkey);
      rmSync(join(folder, "keys"), { recursive: true });
      const { r1cs } = shop.given.circuit;
      expect((await verifyCeremony({ folder, zkey, r1cs, ptau: shop.given.ptau })).ok).to.equal(true);
      const other = join(shop.folder, "keys/0003.zkey");
      const wrong = await verifyCeremony({ folder, zkey: other, r1cs, ptau: shop.given.ptau });
      expect(wrong.firstWrong).to.deep.include({ name: "proving key file", where: other });
    });
  });

  it("is refused for another circuit and for other powers of tau", async () => {
    const { circuit, other, ptau } = shop.given;
    const { folder } = shop;
    const circuits = await verifyCeremony({ folder, r1cs: other.r1cs, ptau });
    expect(circuits.firstWrong?.name).to.equal("circuit");
    const powers = await verifyCeremony({ folder, r1cs: circuit.r1cs });
    expect(powers.firstWrong?.name).to.equal("powers of tau are those of the ceremony");
  });

  it("is compared with the deployed key, and the word that differs is named", async () => {
    const { r1cs } = shop.given.circuit;
    const key = toSolidity(await exportVerificationKey(join(shop.folder, "keys/final.zkey")));
    const request = { folder: shop.folder, r1cs, ptau: shop.given.ptau };
    const same = await verifyCeremony({ ...request, deployedKey: key });
    expect(same.checks.at(-1)).to.include({ name: "deployed key", status: "ok" });
    const other = { ...key, alpha: [key.alpha[0], key.alpha[1] + 1n] as [bigint, bigint] };
    const { firstWrong } = await verifyCeremony({ ...request, deployedKey: other });
    expect(firstWrong).to.include({ name: "deployed key", got: `alpha.y = ${other.alpha[1]}` });
  });

  it("shows a contributor that the own contribution is among them, and when it was dropped", async () => {
    const { circuit, ptau } = shop.given;
    const includes = readFileSync(join(shop.folder, "contributions/0003.json"), "utf8");
    const there = await verifyCeremony({ folder: shop.folder, r1cs: circuit.r1cs, ptau, includes });
    expect(there.ok).to.equal(true);
    const folder = await shop.copy();
    for (const file of ["contributions/0003.json", "beacon.json", "keys/0003.zkey", "keys/final.zkey"]) {
      rmSync(join(folder, file));
    }
    expect((await verify(folder)).ok).to.equal(true);
    const dropped = await verifyCeremony({ folder, r1cs: circuit.r1cs, ptau, includes });
    expect(dropped.firstWrong?.name).to.equal("your contribution");
  });
});

/** A position in every line, at another column each time, and the file's two ends. */
function spread(content: Buffer): number[] {
  const positions = [0, content.length - 1];
  let from = 0;
  for (const [i, line] of content.toString("utf8").split("\n").entries()) {
    const length = Buffer.byteLength(line);
    if (length > 0) positions.push(from + ((i * 7 + 5) % length), from + length - 1);
    from += length + 1;
  }
  return positions;
}

function edit(path: string, change: (record: Record<string, unknown>) => void): void {
  const record = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  change(record);
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
}
