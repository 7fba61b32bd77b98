import { writeFileSync } from "node:fs";
import { expect } from "chai";
import { CheckError, RefusedError } from "../../src/core/errors.ts";
import { assertDeployable, ensureSetup, requireSound, type Transcript } from "../../src/setup/index.ts";
import { keepWorkers, small, temporaryFolder } from "./support/small.ts";

const PUBLIC = { chainId: 1n, isPublic: true };
const LOCAL = { chainId: 31337n, isPublic: false };

describe("Deploying a verifier", function () {
  this.timeout(60_000);
  keepWorkers();
  let unknown: Transcript;
  let development: Transcript;
  let published: Transcript;
  before(async () => {
    unknown = (await small()).setup.transcript;
    development = { ...unknown, development: true, ptau: { ...unknown.ptau, label: "development" } };
    published = { ...unknown, ptau: { ...unknown.ptau, label: "published" } };
  });

  it("from development powers of tau to a public network is refused, and the chain is named", () => {
    const deploy = () =>
      assertDeployable({ transcript: development, network: PUBLIC, allowDevelopmentSetup: false });
    expect(deploy).to.throw(RefusedError, /public network 1: .* can forge/);
  });

  it("is refused by the flag alone and by the label alone, so that editing one does not help", () => {
    for (const transcript of [
      { ...development, development: false },
      { ...published, development: true },
    ]) {
      expect(() => assertDeployable({ transcript, network: PUBLIC, allowDevelopmentSetup: false })).to.throw(
        RefusedError,
      );
    }
  });

  it("from powers of tau of unknown origin to a public network is refused", () => {
    const deploy = () =>
      assertDeployable({ transcript: unknown, network: PUBLIC, allowDevelopmentSetup: false });
    expect(deploy).to.throw(RefusedError, /unknown origin/);
  });

  it("from development powers of tau is allowed locally, or by the explicit override, and says what it means", () => {
    for (const [network, allowDevelopmentSetup] of [
      [LOCAL, false],
      [PUBLIC, true],
    ] as const) {
      const remarks = assertDeployable({ transcript: development, network, allowDevelopmentSetup });
      expect(remarks[0]).to.match(/^development setup: .*forge/);
    }
  });

  it("from published powers of tau is allowed, and a lone contributor is pointed out", () => {
    const remarks = assertDeployable({
      transcript: published,
      network: PUBLIC,
      allowDevelopmentSetup: false,
    });
    expect(remarks).to.have.length(1);
    expect(remarks[0]).to.match(/one contributor/);
    const beaconOnly = { ...published, contributions: published.contributions.slice(1) };
    expect(
      assertDeployable({ transcript: beaconOnly, network: PUBLIC, allowDevelopmentSetup: false })[0],
    ).to.match(/no contributor: anybody can forge/);
  });

  it("is never judged by an edited transcript: label and flag changed together are found first", async () => {
    const given = await small();
    const folder = temporaryFolder();
    const setup = () => ensureSetup({ circuit: given.circuit, folder });
    const { transcriptFile, transcript } = await setup();
    const passedOff = {
      ...transcript,
      development: false,
      ptau: { ...transcript.ptau, label: "published", name: "powersOfTau28_hez_final_12.ptau" },
    };
    writeFileSync(transcriptFile, JSON.stringify(passedOff));
    const outcome = await setup().then(
      (kept) => assertDeployable({ ...kept, network: PUBLIC, allowDevelopmentSetup: false }),
      (error: unknown) => error,
    );
    expect(outcome).to.be.instanceOf(CheckError);
    expect(String(outcome)).to.contain("transcript.development: expected true, got false");
  });

  it("needs a setup that holds when it is checked from scratch, and the first wrong check is named", async () => {
    const { setup } = await small();
    const { r1cs, ptau, zkey } = setup;
    const scratch = { r1cs, ptau, zkey, transcript: setup.transcriptFile };
    expect((await requireSound(scratch)).ok).to.equal(true);
    const transcript = { ...setup.transcript, verificationKeyHash: `0x${"00".repeat(32)}` };
    const outcome = await requireSound({ ...scratch, transcript }).catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(CheckError);
    expect(String(outcome)).to.contain("the setup does not hold: verification key: expected 0x0000");
  });
});
