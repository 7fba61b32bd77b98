import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { toHex } from "../../src/core/bytes.ts";
import { CheckError, InputError, RefusedError } from "../../src/core/errors.ts";
import { drandRandomness } from "../../src/setup/ceremony/drand.ts";
import {
  acceptContribution,
  announceDrandRound,
  announceNamed,
  type Contribution,
  finishCeremony,
  makeContribution,
  readCeremony,
  recordText,
  verifyCeremony,
} from "../../src/setup/ceremony/index.ts";
import { attestationMessage } from "../../src/setup/ceremony/record.ts";
import { readKeyHistory } from "../../src/setup/mpc-params.ts";
import { applyBeacon, contribute } from "../../src/setup/phase2.ts";
import {
  BEACON_VALUE,
  BEGIN,
  CONTRIBUTE,
  DUE,
  keyOf,
  openWorkshop,
  PEOPLE,
  type Workshop,
} from "./support/ceremony.ts";
import { signRound, TEST_CHAIN } from "./support/drand.ts";
import { keepWorkers } from "./support/small.ts";

describe("A ceremony refuses", function () {
  this.timeout(120_000);
  keepWorkers();
  let shop: Workshop;
  /** A ceremony with two contributions. */
  let base: string;

  before(async () => {
    shop = await openWorkshop();
    base = shop.folder;
    await shop.begin();
    await shop.contribute(0);
    await shop.contribute(1);
  });

  const zkeyOf = (folder: string, index: number): string => join(folder, "keys", `000${index}.zkey`);

  /** The third person's signed record of a key, whatever that key is. */
  async function attest(folder: string, zkey: string, changes: Partial<Contribution> = {}): Promise<string> {
    const ceremony = await readCeremony(folder);
    const { contributions } = await readKeyHistory(zkey);
    const bytes = readFileSync(zkey);
    const sha256 = `0x${createHash("sha256").update(bytes).digest("hex")}`;
    const { signature: _, ...unsigned }: Contribution = {
      version: 1,
      ceremony: ceremony.config.id,
      index: 3,
      name: PEOPLE[2],
      publicKey: shop.publicKeys[2] ?? "",
      previous: ceremony.head,
      from: ceremony.lastKey.sha256,
      to: { sha256, bytes: bytes.length },
      contributionHash: contributions.at(-1)?.hash ?? "",
      createdAt: CONTRIBUTE.toISOString(),
      ...changes,
      signature: "",
    };
    const signature = toHex(await shop.keys.signMessage(keyOf(2), attestationMessage(unsigned)));
    return recordText({ ...unsigned, signature });
  }

  /** What accepting says, which must leave the folder as it was. */
  async function refusal(
    folder: string,
    attestation: string,
    zkey: string,
    now = CONTRIBUTE,
  ): Promise<string> {
    const before = await readCeremony(folder);
    const error = await acceptContribution({
      folder,
      attestation,
      zkey,
      ptau: shop.given.ptau,
      now: () => now,
    }).catch((each: unknown) => each);
    expect(error).to.be.instanceOf(CheckError);
    expect(await readCeremony(folder)).to.deep.equal(before);
    return String(error);
  }

  describe("a contribution", () => {
    it("that drops an earlier one, though its record names the latest key", async () => {
      const folder = await shop.copy(base);
      const zkey = join(folder, "../made.zkey");
      await contribute(zkeyOf(folder, 1), zkey, PEOPLE[2]);
      expect(await refusal(folder, await attest(folder, zkey), zkey)).to.match(
        /its list of contributions: expected contribution 2 "Blaise" 0x\w+, got contribution 2 "Émilie/,
      );
    });

    it("made on an older key", async () => {
      const folder = await shop.copy(base);
      const error = await makeContribution({
        ceremony: await readCeremony(folder),
        from: zkeyOf(folder, 1),
        to: join(folder, "../made.zkey"),
        contributor: PEOPLE[2],
        keys: shop.keys,
        key: keyOf(2),
        now: () => CONTRIBUTE,
      }).catch((each: unknown) => each);
      expect(String(error)).to.contain("0001.zkey: the ceremony's latest key: expected");
      const zkey = join(folder, "../older.zkey");
      await contribute(zkeyOf(folder, 1), zkey, PEOPLE[2]);
      const { contributions } = await readCeremony(folder);
      const from = contributions[0]?.to.sha256 ?? "";
      expect(await refusal(folder, await attest(folder, zkey, { from }), zkey)).to.contain(
        "expected from 0x",
      );
    });

    it("that repeats the one before, signed anew", async () => {
      const folder = await shop.copy(base);
      const zkey = zkeyOf(folder, 2);
      expect(await refusal(folder, await attest(folder, zkey), zkey)).to.contain(
        "expected a new contribution, got the contributionHash of an earlier one",
      );
    });

    it("whose key does not follow from the one before, though hash and list agree", async () => {
      const folder = await shop.copy(base);
      const zkey = join(folder, "../made.zkey");
      await contribute(zkeyOf(folder, 2), zkey, PEOPLE[2]);
      // One point of the section that a contribution divides: swapped for the next one, so it stays on the curve.
      const bytes = readFileSync(zkey);
      const at = sectionStart(bytes, 9);
      const point = Buffer.from(bytes.subarray(at, at + 64));
      bytes.copyWithin(at, at + 64, at + 128);
      point.copy(bytes, at + 64);
      writeFileSync(zkey, bytes);
      expect(await refusal(folder, await attest(folder, zkey), zkey)).to.contain(
        "the key does not follow from the one before",
      );
    });

    it("whose file is another than the attested one", async () => {
      const folder = await shop.copy(base);
      const zkey = join(folder, "../made.zkey");
      await contribute(zkeyOf(folder, 2), zkey, PEOPLE[2]);
      const attestation = await attest(folder, zkey);
      await contribute(zkeyOf(folder, 2), zkey, PEOPLE[2]);
      expect(await refusal(folder, attestation, zkey)).to.contain("the key of the attestation: expected 0x");
    });

    it("that ends with a beacon in its place", async () => {
      const folder = await shop.copy(base);
      const zkey = join(folder, "../made.zkey");
      await applyBeacon(zkeyOf(folder, 2), zkey, { value: BEACON_VALUE, iterationsExp: 10, source: "" });
      expect(await refusal(folder, await attest(folder, zkey), zkey)).to.contain('got beacon 3 "beacon"');
    });

    it("attested for another ceremony, another place, another record before it, or in another's name", async () => {
      const folder = await shop.copy(base);
      const zkey = join(folder, "../made.zkey");
      await contribute(zkeyOf(folder, 2), zkey, PEOPLE[2]);
      const other = `0x${"22".repeat(32)}`;
      for (const [changes, words] of [
        [{ ceremony: other }, "expected ceremony 0x"],
        [{ index: 2 }, "expected index 3, got 2"],
        [{ previous: other }, "expected previous 0x"],
        [{ publicKey: shop.publicKeys[1] ?? "" }, "expected the contributor's signature"],
      ] as const) {
        expect(await refusal(folder, await attest(folder, zkey, changes), zkey)).to.contain(words);
      }
    });

    it("of somebody who contributed already", async () => {
      const folder = await shop.copy(base);
      const error = await shop.contribute(1, folder).catch((each: unknown) => each);
      expect(error).to.be.instanceOf(InputError);
      expect(String(error)).to.contain('one contribution a contributor, got "publicKey of contribution 2"');
    });

    it("of somebody who is not expected, when the contributors were named", async () => {
      const folder = join(await shop.copy(base), "../002-invited");
      await shop.begin({ folder, contributors: [...shop.publicKeys.slice(0, 2)] });
      const error = await shop.contribute(2, folder).catch((each: unknown) => each);
      expect(String(error)).to.contain("publicKey of an expected contributor");
      expect((await shop.contribute(1, folder)).contributions).to.have.length(1);
    });

    it("that a kill left without its record, and takes the next one in its place", async () => {
      const folder = await shop.copy(base);
      writeFileSync(zkeyOf(folder, 3), readFileSync(zkeyOf(folder, 2)));
      const verify = () => verifyCeremony({ folder, r1cs: shop.given.circuit.r1cs, ptau: shop.given.ptau });
      expect((await verify()).firstWrong?.where).to.equal(zkeyOf(folder, 3));
      await shop.contribute(2, folder);
      expect((await verify()).firstWrong).to.equal(undefined);
    });

    it("once the beacon may be known", async () => {
      const folder = await shop.copy(base);
      const zkey = join(folder, "../made.zkey");
      await contribute(zkeyOf(folder, 2), zkey, PEOPLE[2]);
      const attestation = await attest(folder, zkey);
      expect(await refusal(folder, attestation, zkey, DUE)).to.contain("takes no more contributions");
      const late = await attest(folder, zkey, { createdAt: DUE.toISOString() });
      expect(await refusal(folder, late, zkey)).to.contain("expected createdAt before the beacon");
    });

    it("after the beacon", async () => {
      const folder = await shop.copy(base);
      await shop.finish(folder);
      const error = await shop.contribute(2, folder).catch((each: unknown) => each);
      expect(String(error)).to.contain("is finished: its beacon was applied");
    });
  });

  it("to begin anew over a ceremony, or to announce a beacon that is known already", async () => {
    const again = await shop.begin().catch((error: unknown) => error);
    expect(again).to.be.instanceOf(RefusedError);
    const folder = join(await shop.copy(base), "../003-late");
    const late = await shop
      .begin({ folder, beacon: announceNamed("hash of an old block", BEGIN) })
      .catch((error: unknown) => error);
    expect(String(late)).to.contain("a beacon that comes after the beginning");
    expect(existsSync(folder)).to.equal(false);
  });

  describe("a beacon", () => {
    const at = (time: Date) => (): Date => time;

    it("before its time, or without a contribution", async () => {
      const folder = await shop.copy(base);
      const early = { folder, beacon: { value: BEACON_VALUE }, now: at(CONTRIBUTE) };
      expect(String(await finishCeremony(early).catch((error: unknown) => error))).to.contain(
        "cannot be known before 2026-02-01",
      );
      const empty = join(folder, "../004-empty");
      await shop.begin({ folder: empty });
      const error = await finishCeremony({ ...early, folder: empty, now: at(DUE) }).catch((e: unknown) => e);
      expect(String(error)).to.contain("no contribution yet");
    });

    it("other than the one that was applied", async () => {
      const folder = await shop.copy(base);
      const finished = await shop.finish(folder);
      expect((await shop.finish(folder)).head).to.equal(finished.head);
      const beacon = { value: `0x${"77".repeat(32)}` };
      const other = await finishCeremony({ folder, beacon, now: at(DUE) }).catch((error: unknown) => error);
      expect(String(other)).to.contain("finished, with another beacon");
    });

    it("of other iterations than announced, or another value than recorded, in the key", async () => {
      for (const [value, iterationsExp] of [
        [BEACON_VALUE, 11],
        [`0x${"77".repeat(32)}`, 10],
      ] as const) {
        const folder = await shop.copy(base);
        await shop.finish(folder);
        const zkey = join(folder, "keys/final.zkey");
        await applyBeacon(zkeyOf(folder, 2), zkey, { value, iterationsExp, source: "" });
        const { contributions } = await readKeyHistory(zkey);
        const bytes = readFileSync(zkey);
        const sha256 = `0x${createHash("sha256").update(bytes).digest("hex")}`;
        const path = join(folder, "beacon.json");
        const record = JSON.parse(readFileSync(path, "utf8"));
        record.to = { sha256, bytes: bytes.length };
        record.contributionHash = contributions.at(-1)?.hash;
        writeFileSync(path, recordText(record));
        const { r1cs } = shop.given.circuit;
        const { firstWrong } = await verifyCeremony({ folder, r1cs, ptau: shop.given.ptau });
        expect(firstWrong).to.deep.include({ name: "proving key file", where: zkey });
        expect(firstWrong?.got).to.equal(`beacon ${value}, hashed 2^${iterationsExp} times`);
      }
    });

    describe("that is a drand round, unless it is the announced round", () => {
      const round = 40;
      let folder: string;

      before(async () => {
        folder = join(await shop.copy(base), "../005-drand");
        await shop.begin({ folder, beacon: announceDrandRound(round, 10, TEST_CHAIN) });
        await shop.contribute(0, folder);
      });

      const finish = (beacon: Parameters<typeof finishCeremony>[0]["beacon"], now = new Date("2026-03-01")) =>
        finishCeremony({ folder, beacon, now: at(now) }).catch((error: unknown) => String(error));

      it("another round's signature, a value without one, or the round before its time", async () => {
        expect(await finish({ drandSignature: signRound(round + 1) })).to.contain(
          "drandSignature of the announced round 40, got another signature",
        );
        expect(await finish({ value: drandRandomness(signRound(round)) })).to.contain("got none");
        expect(await finish({ drandSignature: `0x${"00".repeat(48)}` })).to.contain("another signature");
        const early = new Date("2026-02-08T23:59:59Z");
        expect(await finish({ drandSignature: signRound(round) }, early)).to.contain(
          "2026-02-09T00:00:00.000Z",
        );
      });

      it("and one whose record was given another round's value afterwards", async () => {
        const finished = await finish({ drandSignature: signRound(round) });
        expect(finished).not.to.be.a("string");
        const path = join(folder, "beacon.json");
        const record = JSON.parse(readFileSync(path, "utf8"));
        const other = signRound(round + 1);
        const { r1cs } = shop.given.circuit;
        const verify = () => verifyCeremony({ folder, r1cs, ptau: shop.given.ptau });
        expect((await verify()).remarks.join()).to.contain("is not the public quicknet");
        writeFileSync(path, recordText({ ...record, value: drandRandomness(other), drandSignature: other }));
        expect((await verify()).firstWrong).to.deep.include({
          where: "beacon.json",
          expected: "drandSignature of the announced round 40",
        });
      });
    });
  });
});

/** Where a section's content begins in iden3's container. */
function sectionStart(file: Buffer, id: number): number {
  for (let at = 12; at < file.length; at += 12 + Number(file.readBigUInt64LE(at + 4))) {
    if (file.readUInt32LE(at) === id) return at + 12;
  }
  throw new Error(`no section ${id}`);
}
