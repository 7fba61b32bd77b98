import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import type { Deployment } from "../../src/chain/deployment.ts";
import {
  announceDrandRound,
  announceNamed,
  type CeremonyVerification,
  contributeInPlace,
  createCeremony,
  exportCeremony,
  finishCeremony,
} from "../../src/setup/ceremony/index.ts";
import { compileCircuit, ensureSetup } from "../../src/setup/index.ts";
import { openWorkshop } from "../setup/support/ceremony.ts";
import { signRound, TEST_CHAIN } from "../setup/support/drand.ts";
import { keepWorkers } from "../setup/support/small.ts";
import { expectOk, expectRefused, type Operator, settingsFor, startOperator } from "../support/cli.ts";

const DUTIES = ["deployer", "admin", "guardian", "signer", "policy-admin"];
const SMALL = "--circuit test/setup/fixtures/small.circom";

describe("A ceremony of many contributors, by the operator's commands,", function () {
  this.timeout(240_000);
  keepWorkers();
  let operator: Operator;
  const open = "--ceremony @001-open";
  const due = "--ceremony @002-due";

  before(async () => {
    operator = await startOperator({ accounts: DUTIES, agents: ["ada", "blaise"] });
  });
  after(() => operator?.close());

  it("begins with the beacon named, and refuses what leaves a choice", async () => {
    writeFileSync(operator.path("info.json"), JSON.stringify(DAILY));
    writeFileSync(operator.path("people.toml"), people(operator));
    const options = `${open} ${SMALL} --contributors @people.toml`;
    expectRefused(
      await operator.type(`ceremony new ${options}`),
      2,
      "--beacon-at: expected a time with its zone",
    );
    const made = await operator.type(
      `ceremony new ${options} --drand-info @info.json --beacon-at 2100-01-01T00:00:01Z --json`,
    );
    expectOk(made);
    const { beacon } = made.json<{ beacon: object }>();
    expect(beacon).to.include({ kind: "drand", notBefore: "2100-01-02T00:00:00.000Z" });
    const again = await operator.type(`ceremony new ${options} --beacon-at 2100-01-01T00:00Z`);
    expectRefused(again, 3, "there is a ceremony already");
  });

  it("takes contributions in the folder and as files, and no file that is another's", async () => {
    expectOk(await operator.type(`ceremony contribute ${open} --key ada --name Ada`));
    const offline = "--in @001-open/keys/0001.zkey --out @made.zkey --attestation @made.json";
    const halfway = await operator.type(`ceremony contribute ${open} --key blaise --name Blaise --in @x`);
    expectRefused(halfway, 2, "--out: expected a file: offline, --in, --out and --attestation go together");
    expectOk(await operator.type(`ceremony contribute ${open} --key blaise --name Blaise ${offline}`));
    const other = await operator.type(
      `ceremony accept ${open} --in @001-open/keys/0001.zkey --attestation @made.json`,
    );
    expectRefused(other, 1, "the key of the attestation: expected 0x");
    expectOk(await operator.type(`ceremony accept ${open} --in @made.zkey --attestation @made.json`));
    const status = await operator.type(`ceremony status ${open}`);
    expect(status.stdout).to.contain("Ada, 20").and.contain("Blaise, 20");
    const round = "2100-01-02T00:00:00.000Z";
    writeFileSync(operator.path("round.json"), answer(27_030));
    const early = await operator.type(`ceremony beacon ${open} --round @round.json`);
    expectRefused(early, 1, `cannot be known before ${round}`);
  });

  it("ends with the announced round and no other", async () => {
    await beginInThePast(operator);
    writeFileSync(operator.path("round.json"), answer(PAST_ROUND + 1));
    const other = await operator.type(`ceremony beacon ${due} --round @round.json`);
    expectRefused(other, 2, `the announced round ${PAST_ROUND}`);
    const early = await operator.type(`ceremony export ${due} ${SMALL} --out @early`);
    expectRefused(early, 1, "is not finished: no beacon was applied");
    writeFileSync(operator.path("round.json"), answer(PAST_ROUND, PAST_ROUND + 1));
    const forged = await operator.type(`ceremony beacon ${due} --round @round.json`);
    expectRefused(forged, 1, "the beacon is not the one announced");
    writeFileSync(operator.path("round.json"), answer(PAST_ROUND));
    expectOk(await operator.type(`ceremony beacon ${due} --round @round.json`));
  });

  it("is verified, exported, and refused once a byte is changed", async () => {
    const includes = "--includes @002-due/contributions/0002.json";
    const judged = await operator.type(`ceremony verify ${due} ${SMALL} ${includes} --json`);
    expectOk(judged);
    expect(judged.json<CeremonyVerification>()).to.include({ ok: true, finished: true, contributors: 2 });
    expectOk(await operator.type(`ceremony export ${due} ${SMALL} --out @exported`));
    for (const name of ["final.zkey", "verification_key.json", "transcript.json"]) {
      expect(existsSync(operator.path(`exported/${name}`)), name).to.equal(true);
    }
    const beacon = operator.path("002-due/beacon.json");
    const text = readFileSync(beacon, "utf8");
    writeFileSync(
      beacon,
      text.replace(/(?<="value": "0x)./, (digit) => (digit === "0" ? "1" : "0")),
    );
    const changed = await operator.type(`ceremony verify ${due} ${SMALL}`);
    expect(changed.code).to.equal(1);
    expect(changed.stdout).to.contain("does NOT hold; first wrong: record, beacon.json");
  });

  it("is deployed from what it exported, and not from files that were changed", async () => {
    const to = await exportCompliance(operator);
    writeFileSync(operator.path("deploy.toml"), settingsFor(operator.accounts));
    const deploy = "deploy --network local --settings @deploy.toml --key deployer --setup";
    const transcript = JSON.parse(readFileSync(`${to}/transcript.json`, "utf8"));
    cpSync(to, operator.path("tampered"), { recursive: true });
    const edited = { ...transcript, contributions: transcript.contributions.slice(1) };
    writeFileSync(operator.path("tampered/transcript.json"), JSON.stringify(edited));
    const refused = await operator.type(`${deploy} @tampered`);
    expectRefused(
      refused,
      1,
      "the kept setup was changed: transcript.contributions: expected 3 entries, got 2",
    );
    const deployed = await operator.type(`${deploy} ${to}`);
    expectOk(deployed);
    // Two people contributed: nothing is said of a lone one. The powers of tau are still the development ones.
    expect(deployed.stderr).to.contain("development setup").and.not.contain("one contributor");
    const { setup } = JSON.parse(readFileSync(operator.path("deployments/local.json"), "utf8")) as Deployment;
    expect(setup.verificationKeyHash).to.equal(transcript.verificationKeyHash);
  });
});

/** The test chain as a node of its own would describe it; a round a day. */
const DAILY = {
  public_key: TEST_CHAIN.publicKey.slice(2),
  period: TEST_CHAIN.period,
  genesis_time: TEST_CHAIN.genesis,
  groupHash: TEST_CHAIN.groupHash.slice(2),
  schemeID: "bls-unchained-g1-rfc9380",
  metadata: { beaconID: "test" },
};
const PAST_ROUND = 40;
const PAST = new Date("2026-01-02");

/** A node's answer about a round, with the signature of that round or of another. */
function answer(round: number, signed: number = round): string {
  return JSON.stringify({ round, signature: signRound(signed).slice(2) });
}

/** A ceremony whose contributions were made in time and whose beacon is due since. */
async function beginInThePast(operator: Operator): Promise<void> {
  const circuit = await compileCircuit("small", { source: "test/setup/fixtures/small.circom" });
  const folder = operator.path("002-due");
  const beacon = announceDrandRound(PAST_ROUND, 10, TEST_CHAIN);
  await createCeremony({ folder, circuit, beacon, contributors: [], now: () => PAST });
  await contributeTwice(folder);
}

async function contributeTwice(folder: string): Promise<void> {
  const { keys } = await openWorkshop();
  for (const [i, contributor] of ["Ada", "Blaise"].entries()) {
    await contributeInPlace({ folder, contributor, keys, key: `person-${i}`, now: () => PAST });
  }
}

function people({ agents }: Operator): string {
  const table = (name: string, key = "") => `[[contributors]]\nname = "${name}"\npublicKey = "${key}"\n`;
  return `${table("Ada", agents.ada)}${table("Blaise", agents.blaise)}`;
}

/** A ceremony of the real circuit with two contributors, exported. @returns the folder. */
async function exportCompliance(operator: Operator): Promise<string> {
  const circuit = await compileCircuit("compliance");
  const { initialKey } = await ensureSetup({ circuit });
  const folder = operator.path("003-compliance");
  const end = new Date("2026-02-01");
  const beacon = announceNamed("a value for this test alone", end);
  await createCeremony({ folder, circuit, initialKey, beacon, contributors: [], now: () => PAST });
  await contributeTwice(folder);
  await finishCeremony({ folder, beacon: { value: `0x${"42".repeat(32)}` }, now: () => end });
  const to = operator.path("compliance-setup");
  await exportCeremony({ folder, circuit, to });
  return to;
}
