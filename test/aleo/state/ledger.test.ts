import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { AleoLedger } from "../../../src/aleo/ledger.ts";
import { canonicalPlaintext, parsePlaintext } from "../../../src/aleo/replay/plaintext.ts";
import { backup } from "../../../src/aleo/state/backup.ts";
import { deployFresh, freshPrograms } from "../../../src/aleo/state/clean-slate.ts";
import { countEntries, differences } from "../../../src/aleo/state/compare.ts";
import { enter, remaining } from "../../../src/aleo/state/enter.ts";
import { reconstruct } from "../../../src/aleo/state/reconstruct.ts";
import { planRestore, restoredDifferences } from "../../../src/aleo/state/restore.ts";
import { faultsOf, snapshot } from "../../../src/aleo/state/snapshot.ts";
import { type AleoState, readState } from "../../../src/aleo/state/state-file.ts";
import { verifyEntries } from "../../../src/aleo/state/verify.ts";
import { needsDevnode } from "../support.ts";
import { type Bench, BOTH, metrics, REGISTRY, rejected, SOURCES, startBench, VERIFIER } from "./on-ledger.ts";

const V3 = { registry: REGISTRY, verifier: VERIFIER };

describe("State of Aleo programs, on a development ledger", function () {
  this.timeout(900_000);
  let folder: string;
  let bench: Bench;
  /** State after the busy history, paused. */
  let state: AleoState;

  before(async function () {
    folder = mkdtempSync(join(tmpdir(), "proofx-aleo-"));
    needsDevnode(this);
    bench = await startBench(false);
  });

  after(async () => {
    await bench?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("reconstructs from block 0 what a busy history left, entry by entry", async () => {
    await busyHistory(bench);
    const { state: replayed, counts } = await reconstruct({ ledger: bench.ledger, programs: BOTH });
    const live = await listed(bench, replayed);
    expect([...differences(replayed, live)]).to.deep.equal([]);
    expect(countEntries(replayed)).to.equal(countEntries(live)).and.to.be.above(12);
    expect(counts.deployments).to.equal(2);
  });

  it("goes on where a replay was stopped, and comes to the same", async () => {
    const progressFile = join(folder, "progress.json");
    const height = await bench.ledger.height();
    const options = { ledger: bench.ledger, programs: BOTH, progressFile };
    await reconstruct({ ...options, to: height - 10 });
    const notes: string[] = [];
    const resumed = await reconstruct({ ...options, note: (line) => notes.push(line) });
    expect(notes[0]).to.equal(`Going on after block ${height - 10}`);
    const whole = await reconstruct({ ledger: bench.ledger, programs: BOTH });
    expect([...differences(resumed.state, whole.state)]).to.deep.equal([]);
    writeFileSync(progressFile, readFileSync(progressFile, "utf8").replace("u64", "1u64"));
    const error = await reconstruct(options).catch((caught: Error) => caught);
    expect(error).to.have.property("message").that.contains("it was altered");
  });

  it("backs up live values that agree with the blocks, read again when the programs changed meanwhile", async () => {
    const { ledger, admin } = bench;
    let paused = false;
    // Somebody pauses the registry while its values are being read.
    const disturbed = {
      address: ledger.address,
      height: () => ledger.height(),
      blocks: (first: number, last: number) => ledger.blocks(first, last),
      mapping: (program: string, mapping: string, key: string) => ledger.mapping(program, mapping, key),
      balance: async (address: string) => {
        if (!paused) await admin.execute(REGISTRY, "pause", []);
        paused = true;
        return ledger.balance(address);
      },
    } as unknown as AleoLedger;
    const taken = await backup({ ledger: disturbed, programs: BOTH });
    state = taken.state;
    expect(taken.readings).to.equal(2);
    expect(state.origin).to.equal("ledger");
    expect(state.programs[REGISTRY]?.mappings.paused).to.deep.equal({ true: "true" });
    expect(faultsOf(state)).to.deep.equal([]);
  });

  it("refuses values of a node that are not what its blocks make, naming the first", async () => {
    const { ledger } = bench;
    const lying = {
      address: ledger.address,
      height: () => ledger.height(),
      blocks: (first: number, last: number) => ledger.blocks(first, last),
      mapping: async (program: string, mapping: string, key: string) =>
        (await ledger.mapping(program, mapping, key))?.replace("stake: 40000u64", "stake: 40001u64"),
      balance: (address: string) => ledger.balance(address),
    } as unknown as AleoLedger;
    const error = await backup({ ledger: lying, programs: BOTH }).catch((caught: Error) => caught);
    expect(error)
      .to.have.property("message")
      .that.contains(`${REGISTRY}/agents[1field].stake: 40001u64 in the ledger, 40000u64 in the replay`);
  });

  it("takes a snapshot of paused programs, and of what there is when one is missing", async () => {
    const taken = await snapshot({
      ledger: bench.ledger,
      programs: [...BOTH, "gone_v9.aleo"],
      folder: join(folder, "snap"),
      last: 5,
    });
    expect(taken.missing).to.deep.equal(["gone_v9.aleo: it is not deployed"]);
    expect(taken.summary[REGISTRY]).to.include({ paused: true });
    const files = readdirSync(join(folder, "snap"));
    expect(files).to.include.members([
      "snapshot.json",
      "transactions.json",
      `${REGISTRY}.txt`,
      `${VERIFIER}.txt`,
    ]);
    expect(JSON.parse(readFileSync(join(folder, "snap", "transactions.json"), "utf8"))).to.have.length(5);
    const kept = readState(join(folder, "snap", files.find((name) => name.startsWith("aleo-")) ?? ""));
    expect([...differences(kept, state)]).to.deep.equal([]);
  });

  it("refuses to restore over programs that were used", async () => {
    const { entries } = planRestore(state, V3, V3);
    const [first, ...others] = entries;
    const missing = first === undefined ? [] : [{ ...first, key: "999field" }, ...others];
    const error = await remaining(bench.ledger, missing).catch((caught: Error) => caught);
    expect(error).to.have.property("message").that.contains("is not a fresh deployment");
    const closed = await remaining(bench.ledger, [
      ...entries,
      { ...(first ?? missing[0]), key: "999field" } as never,
    ]).catch((caught: Error) => caught);
    expect(closed).to.have.property("message").that.contains("its migration was closed, for ever");
  });

  describe("on another one", () => {
    before(async () => {
      await bench.close();
      bench = await startBench(true);
    });

    it("restores a snapshot into a clean slate, equal in every entry, though it is stopped on its way", async () => {
      // A run before this one deployed them, and was stopped.
      expect(await deployFresh(bench.admin, freshPrograms(SOURCES, undefined), () => {})).to.deep.equal([]);
      const { entries, leftOut } = planRestore(state, V3, V3);
      expect(leftOut.join("\n"))
        .to.contain("slashes[")
        .and.to.contain("pot of slashed credits")
        .and.to.contain("attestations[");
      const first = await remaining(bench.ledger, entries);
      await enter(bench.admin, { ...first, missing: first.missing.slice(0, 2) }, () => {});
      const rest = await remaining(bench.ledger, entries);
      expect(rest.done).to.have.length(2);
      await enter(bench.admin, rest, () => {});
      expect((await remaining(bench.ledger, entries)).missing).to.deep.equal([]);
      const { state: restored } = await backup({ ledger: bench.ledger, programs: BOTH });
      expect([...restoredDifferences(state, restored, V3, V3)]).to.deep.equal([]);
      expect(verifyEntries(entries, restored, REGISTRY).faults).to.deep.equal([]);
    });

    it("refuses a restore by another than the admin, and deploying a name that is used", async () => {
      const { entries } = planRestore(state, V3, V3);
      const error = await enter(bench.alice, { missing: entries, done: [], credits: 0n }, () => {}).catch(
        (caught: Error) => caught,
      );
      expect(error).to.have.property("message").that.contains("is not the admin");
      const taken = await deployFresh(bench.admin, freshPrograms(SOURCES, undefined), () => {}).catch(
        (caught: Error) => caught,
      );
      expect(taken).to.have.property("message").that.contains("is on").and.to.contain("it has 2 agents");
    });
  });
});

/** Every kind of change, with rejected transactions in between. */
async function busyHistory({ admin, alice, bob, advance }: Bench): Promise<void> {
  const registry = (client: typeof admin, name: string, ...inputs: string[]) =>
    client.execute(REGISTRY, name, inputs);
  const verifier = (client: typeof admin, name: string, ...inputs: string[]) =>
    client.execute(VERIFIER, name, inputs);
  await registry(alice, "register_agent", "1field", metrics(9000, 8500, 250, 1000), "5scalar", "50000u64");
  await registry(bob, "register_agent", "2field", metrics(1000, 2000, 6000, 5), "6scalar", "9000u64");
  await rejected(bob, REGISTRY, "register_agent", ["1field", metrics(1, 1, 1, 1), "6scalar", "9000u64"]);
  await registry(bob, "update_metrics", "2field", metrics(9900, 9900, 50, 20000), "8scalar");
  await registry(alice, "request_withdrawal", "1field", "7000u64", "501field");
  await registry(alice, "request_withdrawal", "1field", "3000u64", "502field");
  await rejected(alice, REGISTRY, "claim_withdrawal", ["501field", alice.address, "7000u64"]);
  await registry(admin, "propose_slash", "701field", "2field", "8500u64", "31field");
  await verifier(alice, "verify_execution", "1field", "901field", "11field", "12field", "13field", "8000u32");
  await verifier(admin, "set_attestor", admin.address);
  const expiry = `${(await admin.ledger.height()) + 500}u32`;
  await verifier(
    admin,
    "write_attestation",
    "1field",
    "1u64",
    "21field",
    "22field",
    "23field",
    "99u64",
    expiry,
  );
  await advance(20);
  await registry(alice, "claim_withdrawal", "501field", alice.address, "7000u64");
  await registry(admin, "execute_slash", "701field", "2field");
  await registry(bob, "transfer_agent", "2field", alice.address);
  await registry(admin, "propose_slash", "702field", "2field", "100u64", "32field");
}

/** The entries that a development ledger lists by itself: none can be missed. */
async function listed({ ledger }: Bench, like: AleoState): Promise<AleoState> {
  const programs: Record<string, unknown> = {};
  for (const [id, program] of Object.entries(like.programs)) {
    const mappings: Record<string, object> = {};
    for (const mapping of await ledger.mappings(id)) {
      const entries = (await ledger.entries(id, mapping)).map(([key, value]) => [
        canonicalPlaintext(parsePlaintext(key)),
        parsePlaintext(value),
      ]);
      mappings[mapping] = Object.fromEntries(entries);
    }
    programs[id] = { ...program, mappings };
  }
  return { ...like, programs } as AleoState;
}
