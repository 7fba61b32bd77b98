import { copyFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { UnavailableError } from "../../src/core/errors.ts";
import {
  DEVELOPMENT_PTAU,
  ensureSetup,
  type SetupVerification,
  type Transcript,
  type VerifyRequest,
  verifySetup,
} from "../../src/setup/index.ts";
import { applyBeacon, contribute, newKey } from "../../src/setup/phase2.ts";
import { damage, keepWorkers, makePtau, requestOf, type Small, small } from "./support/small.ts";

describe("Verifying a trusted setup from scratch", function () {
  this.timeout(120_000);
  let given: Small;
  let request: VerifyRequest;

  keepWorkers();
  before(async () => {
    given = await small();
    request = { ...requestOf(given), deployedKey: given.setup.verifyingKey };
  });

  const path = (name: string): string => join(given.folder, name);

  async function firstWrong(changes: Partial<VerifyRequest>): Promise<string> {
    const result = await verifySetup({ ...request, ...changes });
    expect(result.ok).to.equal(result.firstWrong === undefined);
    return result.firstWrong?.name ?? "nothing";
  }

  function edited(change: (transcript: Transcript) => void): Transcript {
    const copy = structuredClone(given.setup.transcript);
    change(copy);
    return copy;
  }

  it("accepts a setup that is as it was made, and says what was checked", async () => {
    const result: SetupVerification = await verifySetup(request);
    expect(result.firstWrong).to.equal(undefined);
    expect(result.development).to.equal(false);
    expect(result.checks.map((each) => each.name)).to.deep.equal([
      "circuit",
      "powers of tau are those of the transcript",
      "development label",
      "powers of tau hold together",
      "proving key file",
      "contribution chain",
      "contributions are those of the transcript",
      "somebody contributed",
      "beacon",
      "delta differs from gamma",
      "verification key",
      "deployed key",
    ]);
  });

  it("accepts a setup that was deployed nowhere yet", async () => {
    const { deployedKey: _, ...rest } = request;
    const result = await verifySetup(rest);
    expect(result.ok).to.equal(true);
    expect(result.checks.map((each) => each.name)).not.to.include("deployed key");
  });

  it("takes the kept initial key when asked to, says what it did not compute, and still finds a wrong chain", async () => {
    const made = await ensureSetup({ circuit: given.circuit, folder: path("quick") });
    const { initialKey } = made;
    const base = {
      r1cs: given.circuit.r1cs,
      ptau: DEVELOPMENT_PTAU,
      initialKey,
      transcript: made.transcript,
    };
    const result = await verifySetup({ ...base, zkey: made.zkey });
    expect(result.ok).to.equal(true);
    expect(
      result.checks.filter(({ got }) => got.startsWith("not computed")).map(({ name }) => name),
    ).to.deep.equal(["powers of tau hold together"]);
    expect(await firstWrong({ ...base, initialKey: given.setup.initialKey, zkey: made.zkey })).to.equal(
      "contribution chain",
    );
  });

  describe("the proving key", () => {
    /** A transcript that agrees with a key in everything that can be copied from it. */
    async function matching(zkey: string): Promise<Transcript> {
      const { hashFile } = await import("../../src/setup/files.ts");
      const { readKeyHistory } = await import("../../src/setup/mpc-params.ts");
      const { exportVerificationKey, toSolidity, verificationKeyHash } = await import(
        "../../src/setup/index.ts"
      );
      const { sha256, bytes } = await hashFile(zkey);
      const history = await readKeyHistory(zkey);
      const key = toSolidity(await exportVerificationKey(zkey));
      return edited((transcript) => {
        transcript.zkey = { sha256, bytes };
        transcript.contributions = [...history.contributions];
        if (history.beacon !== undefined) transcript.beacon = { ...history.beacon, source: "test" };
        transcript.verificationKeyHash = verificationKeyHash(key);
      });
    }

    async function refusals(changes: Partial<VerifyRequest>): Promise<string[]> {
      const { deployedKey: _, ...rest } = request;
      const { checks } = await verifySetup({ ...rest, ...changes });
      return checks.filter((each) => !each.ok).map((each) => each.name);
    }

    it("without any contribution is refused: delta equals gamma", async () => {
      const zkey = given.setup.initialKey;
      expect(await refusals({ zkey, transcript: await matching(zkey) })).to.deep.equal([
        "somebody contributed",
        "beacon",
        "delta differs from gamma",
      ]);
    });

    it("with a beacon alone is refused: everybody knows its delta", async () => {
      const zkey = path("beacon-only.zkey");
      const beacon = { value: "0x0102", iterationsExp: 10, source: "test" };
      await applyBeacon(given.setup.initialKey, zkey, beacon);
      expect(await refusals({ zkey, transcript: await matching(zkey) })).to.deep.equal([
        "somebody contributed",
      ]);
    });

    it("with a contribution after the beacon is refused", async () => {
      const zkey = path("after-beacon.zkey");
      await contribute(given.setup.zkey, zkey, "late");
      expect(await refusals({ zkey, transcript: await matching(zkey) })).to.deep.equal(["beacon"]);
    });

    it("of another circuit is refused, even when its transcript agrees", async () => {
      const [initial, zkey] = [path("other-0.zkey"), path("other-1.zkey")];
      const ended = path("other-2.zkey");
      await newKey(given.other.r1cs, given.ptau, initial);
      await contribute(initial, zkey, "first");
      await applyBeacon(zkey, ended, { value: "0x0102", iterationsExp: 10, source: "test" });
      expect(await firstWrong({ zkey: ended })).to.equal("proving key file");
      expect(await refusals({ zkey: ended, transcript: await matching(ended) })).to.deep.equal([
        "contribution chain",
      ]);
    });

    it("from other powers of tau is refused, even when its transcript agrees", async () => {
      const foreign = await makePtau(given.folder, 5);
      const [initial, zkey, ended] = [path("foreign-0.zkey"), path("foreign-1.zkey"), path("foreign-2.zkey")];
      await newKey(given.circuit.r1cs, foreign.ptau, initial);
      await contribute(initial, zkey, "first");
      await applyBeacon(zkey, ended, { value: "0x0102", iterationsExp: 10, source: "test" });
      expect(await refusals({ zkey: ended, transcript: await matching(ended) })).to.deep.equal([
        "contribution chain",
      ]);
    });

    it("with one byte flipped anywhere is refused, and no byte makes it throw", async () => {
      const { size } = await stat(given.setup.zkey);
      for (const flip of [
        0,
        4,
        8,
        13,
        40,
        100,
        110,
        200,
        400,
        700,
        1000,
        1500,
        size - 200,
        size - 40,
        size - 1,
      ]) {
        const zkey = await damage(given.setup.zkey, path("flipped.zkey"), { flip });
        expect(await firstWrong({ zkey }), `byte ${flip}`).to.equal("proving key file");
      }
    });

    it("with one byte of a point flipped is refused by the chain when the transcript agrees", async () => {
      const { size } = await stat(given.setup.zkey);
      const zkey = await damage(given.setup.zkey, path("flipped.zkey"), { flip: Math.floor(size / 2) });
      expect(await refusals({ zkey, transcript: await matching(zkey) })).to.include("contribution chain");
    });

    it("whose header lies about its sizes is refused before anything is computed from it", async () => {
      for (const [what, flip] of [
        ["wires", 112],
        ["domain", 120],
      ] as const) {
        const zkey = await damage(given.setup.zkey, path("lying.zkey"), { flip });
        const refused = await refusals({ zkey, transcript: await matching(zkey) });
        expect(refused, what).to.include("proving key file");
      }
    });

    it("that is cut short is refused, at any length", async () => {
      const { size } = await stat(given.setup.zkey);
      for (const cut of [0, 3, 11, 12, 20, 500, Math.floor(size / 2), size - 1]) {
        const zkey = await damage(given.setup.zkey, path("cut.zkey"), { cut });
        expect(await firstWrong({ zkey }), `${cut} bytes`).to.equal("proving key file");
      }
    });
  });

  describe("the powers of tau", () => {
    it("swapped for others are refused", async () => {
      const { ptau } = await makePtau(given.folder, 5);
      expect(await firstWrong({ ptau })).to.equal("powers of tau are those of the transcript");
    });

    it("cut short are refused", async () => {
      const { size } = await stat(given.ptau);
      const ptau = await damage(given.ptau, path("cut.ptau"), { cut: size - 1 });
      const result = await verifySetup({ ...request, ptau });
      expect(result.firstWrong?.name).to.equal("powers of tau are those of the transcript");
      expect(result.firstWrong?.got).to.match(/cut short/);
    });

    it("with one byte flipped do not hold together, whatever the transcript says", async () => {
      const { hashFile } = await import("../../src/setup/files.ts");
      const { size } = await stat(given.ptau);
      const ptau = await damage(given.ptau, path("flipped.ptau"), { flip: size - 100 });
      const { sha256, blake2b } = await hashFile(ptau);
      const transcript = edited((copy) => {
        copy.ptau = { ...copy.ptau, sha256, blake2b };
      });
      expect(await firstWrong({ ptau, transcript })).to.equal("powers of tau hold together");
    });

    it("of development are found out by their hash, under another name and label", async () => {
      const ptau = path("powersOfTau28_hez_final_12.ptau");
      await copyFile(DEVELOPMENT_PTAU, ptau);
      const made = await ensureSetup({ circuit: given.circuit, ptau, folder: path("relabelled") });
      expect(made.development).to.equal(true);
      const transcript = { ...made.transcript, development: false };
      const result = await verifySetup({
        ...request,
        ptau,
        zkey: made.zkey,
        transcript,
        deployedKey: made.verifyingKey,
      });
      expect(result.development).to.equal(true);
      expect(result.checks.filter((each) => !each.ok).map((each) => each.name)).to.deep.equal([
        "development label",
      ]);
    });
  });

  describe("the transcript", () => {
    const edits: [what: string, change: (copy: Transcript) => void, wrong: string][] = [
      [
        "circuit hash",
        (copy) => {
          copy.r1cs.sha256 = hex(32);
        },
        "circuit",
      ],
      [
        "number of constraints",
        (copy) => {
          copy.r1cs.constraints += 1;
        },
        "circuit",
      ],
      [
        "label",
        (copy) => {
          copy.ptau.label = "published";
        },
        "powers of tau are those of the transcript",
      ],
      [
        "development flag",
        (copy) => {
          copy.development = true;
        },
        "development label",
      ],
      [
        "key hash",
        (copy) => {
          copy.zkey.sha256 = hex(32);
        },
        "proving key file",
      ],
      [
        "name of a contributor",
        (copy) => void Object.assign(copy.contributions[0] ?? {}, { name: "somebody else" }),
        "contributions are those of the transcript",
      ],
      [
        "list of contributions",
        (copy) => void copy.contributions.shift(),
        "contributions are those of the transcript",
      ],
      [
        "beacon",
        (copy) => {
          copy.beacon.value = hex(32);
        },
        "beacon",
      ],
      [
        "beacon's iterations",
        (copy) => {
          copy.beacon.iterationsExp += 1;
        },
        "beacon",
      ],
      [
        "verification key",
        (copy) => {
          copy.verificationKeyHash = hex(32);
        },
        "verification key",
      ],
      [
        "form",
        (copy) => {
          copy.version = 2 as 1;
        },
        "transcript",
      ],
    ];
    for (const [what, change, wrong] of edits) {
      it(`with its ${what} edited is refused: ${wrong}`, async () => {
        expect(await firstWrong({ transcript: edited(change) })).to.equal(wrong);
      });
    }

    it("that is no JSON is a finding, no exception", async () => {
      const transcript = await damage(given.setup.transcriptFile, path("cut.json"), { cut: 100 });
      expect(await firstWrong({ transcript })).to.equal("transcript");
    });
  });

  it("says which file is missing instead of judging", async () => {
    for (const missing of ["r1cs", "ptau", "zkey", "transcript"] as const) {
      const outcome = await verifySetup({ ...request, [missing]: path("nowhere") }).catch(
        (error: unknown) => error,
      );
      expect(outcome).to.be.instanceOf(UnavailableError);
      expect(String(outcome)).to.include("nowhere");
    }
  });

  it("prints nothing, so that a task's JSON stays JSON", async () => {
    const { log } = console;
    const printed: unknown[] = [];
    console.log = (...words: unknown[]) => printed.push(words);
    try {
      const { size } = await stat(given.setup.zkey);
      const zkey = await damage(given.setup.zkey, path("flipped.zkey"), { flip: size - 500 });
      await verifySetup({ ...request, zkey });
    } finally {
      console.log = log;
    }
    expect(printed).to.deep.equal([]);
    expect(await readFile(given.setup.zkey)).to.have.length.above(0);
  });
});

function hex(bytes: number): string {
  return `0x${"ab".repeat(bytes)}`;
}
