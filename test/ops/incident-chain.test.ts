import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { id, ZeroAddress, ZeroHash } from "ethers";
import { applyChange } from "../../src/chain/change.ts";
import {
  activateCircuitVersion,
  addCircuitVersion,
  cancel,
  execute,
  findOperation,
  grantRole,
  openStream,
  pause,
  revokeRole,
  schedule,
} from "../../src/chain/changes/index.ts";
import { connect, groth16At } from "../../src/chain/contracts.ts";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { CheckError, InputError } from "../../src/core/errors.ts";
import { contentRoot, stateRoot } from "../../src/core/log/index.ts";
import { deployedKey, deployedKeyHash } from "../../src/ops/deployed-key.ts";
import {
  Awaiting,
  anchorCompromise,
  circuitBug,
  type Duty,
  type Hands,
  type IncidentReport,
  type IncidentStep,
  openState,
  runIncident,
  saveState,
  signerCompromise,
} from "../../src/ops/incidents/index.ts";
import { DELAY, type Governed, startGoverned } from "../support/governed.ts";

const MATURITY = 7_200;
const FACTS = `0x00${"fa".repeat(31)}`;
const CHAIN = { network: "local", chainId: 31337n, genesisHash: ZeroHash, isPublic: false };

/** The stream's state root after a batch that was anchored on `previous`. */
function rootAfter(
  stream: string,
  previous: string,
  batch: {
    startSequence: bigint;
    endSequence: bigint;
    count: number;
    batchRoot: string;
    factsRoot: string;
    logRoot: string;
  },
): string {
  const bytes = (hex: string) => fromHex("root", hex, 32);
  const roots = {
    batchRoot: bytes(batch.batchRoot),
    factsRoot: bytes(batch.factsRoot),
    logRoot: bytes(batch.logRoot),
  };
  const { startSequence: start, endSequence: end, count } = batch;
  const linked = { streamId: bytes(stream), previous: bytes(previous), contentRoot: contentRoot(roots) };
  return toHex(stateRoot({ ...linked, start, end, count }));
}

describe("incidents, while the attacker goes on", function () {
  this.timeout(300_000);

  let chain: Governed;
  let folder: string;
  let streams = 0;
  before(async () => {
    chain = await startGoverned();
    folder = mkdtempSync(join(tmpdir(), "proofx-incident-"));
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await chain?.close();
  });

  /** Hands that send as whoever is expected to; whose duty is away hands the calls over. */
  const hands = (away: readonly Duty[] = []): Hands => ({
    patience: 0,
    note: () => undefined,
    apply: async (given, duty) => {
      const changes = [given].flat().filter((change) => !change.already());
      if (changes.length > 0 && away.includes(duty))
        throw new Awaiting(`${duty}: ${changes.length} calls`, []);
      for (const change of changes) {
        await applyChange(await chain.impersonate(change.sender.accounts[0] ?? ""), change);
      }
      return { lines: changes.map(({ call }) => call.description), data: {} };
    },
  });
  const statusOf = (report: IncidentReport, id: string) =>
    report.steps.find((step) => step.id === id)?.status;
  const linesOf = (report: IncidentReport, id: string) =>
    report.steps.find((step) => step.id === id)?.lines.join("\n") ?? "";
  const send = async (change: Parameters<typeof applyChange>[1]) =>
    applyChange(await chain.impersonate(change.sender.accounts[0] ?? ""), change);
  const throughTimelock = async (change: Parameters<typeof applyChange>[1]) => {
    const scheduling = await schedule(chain.context(), change);
    await send(scheduling.change);
    await chain.passTime(DELAY);
    await send(await execute(chain.context(), await findOperation(chain.context(), scheduling.operationId)));
  };

  describe("of a stolen anchorer", () => {
    let stream: string;
    const registry = () => chain.contracts().registry;
    const anchor = async (as: string, times = 1, factsRoot = FACTS) => {
      const from = chain.account(as);
      await chain.impersonate(from);
      const head = await registry().head(stream);
      let previous = head.stateRoot;
      for (let end = head.end; end < head.end + BigInt(times); end++) {
        const range = { startSequence: end + 1n, endSequence: end + 1n, count: 1 };
        const batch = { ...range, batchRoot: id(`${end}`), factsRoot, logRoot: ZeroHash };
        const { to, data } = await registry().anchor.populateTransaction(stream, batch, previous);
        // Mined at once: the registry refuses the next one unless this one is there.
        await chain.provider.send("eth_sendTransaction", [{ from, to, data, gas: "0x7a120" }]);
        previous = rootAfter(stream, previous, batch);
      }
    };
    const answer = (away: readonly Duty[] = [], cutLimit?: number) => {
      const path = join(folder, `${stream.slice(-8)}.json`);
      const state = openState(path, "anchor-compromise", CHAIN, { stream });
      const steps = anchorCompromise({
        context: chain.context(),
        hands: hands(away),
        state,
        streamId: stream,
        keep: 1n,
        newAnchorer: chain.account("stranger"),
        own: [],
        ...(cutLimit === undefined ? {} : { cutLimit }),
      });
      return runIncident(steps, state, path, () => undefined);
    };
    beforeEach(async () => {
      stream = id(`stream ${++streams}`);
      const opening = { streamId: stream, anchorer: chain.account("anchorer"), maturityDelay: MATURITY };
      await send(await openStream(chain.context(), opening));
      await anchor("anchorer", 2);
    });

    it("suspends the stream although no guardian is there to veto", async () => {
      const report = await answer(["guardian"]);
      expect(statusOf(report, "veto")).to.equal("awaiting");
      expect(statusOf(report, "suspend")).to.equal("done");
      expect((await registry().head(stream)).anchorer).to.equal(ZeroAddress);
    });

    it("vetoes what the thief anchors while a multisig collects its signatures", async () => {
      expect(linesOf(await answer(["admin"]), "veto")).to.include("batch 2");
      await anchor("anchorer");
      const again = await answer(["admin"]);
      expect(statusOf(again, "suspend")).to.equal("awaiting");
      expect(linesOf(again, "veto")).to.include("batch 3");
    });

    it("is not held up by a thief who anchors more batches than the registry's ring keeps", async () => {
      await anchor("anchorer", 255, ZeroHash);
      await anchor("anchorer");
      const report = await answer();
      expect(statusOf(report, "suspend")).to.equal("done");
      expect(linesOf(report, "veto"))
        .to.include("Batch 2 has left the registry's ring")
        .and.to.include("batch 258");
    });

    it("schedules the cut anew when it was cancelled, and never touches what the new anchorer anchors", async () => {
      const first = await answer(["guardian"]);
      expect(statusOf(first, "reopen-wait")).to.equal("awaiting");
      const { operation } = first.steps.find((step) => step.id === "reopen-schedule")?.data ?? {};
      await send(await cancel(chain.context(), await findOperation(chain.context(), String(operation))));
      expect(statusOf(await answer(["guardian"]), "reopen-schedule")).to.equal("done");

      await chain.passTime(DELAY);
      const steps = await answer(["guardian"]);
      expect(statusOf(steps, "anchorer")).to.equal("done");
      await anchor("stranger");
      const last = await answer();
      expect([last.status, linesOf(last, "veto")]).to.deep.equal(["finished", "Nothing to veto."]);
      expect((await registry().head(stream)).batchIndex).to.equal(2n);
    });

    it("cuts a flood in steps that take one delay together, also when one was executed by somebody else", async () => {
      await anchor("anchorer", 4);
      const first = await answer([], 2);
      expect(statusOf(first, "reopen-wait")).to.equal("awaiting");
      const { operations } = first.steps.find((step) => step.id === "reopen-schedule")?.data ?? {};
      const [newest, middle, ...more] = (operations as string[]) ?? [];
      expect(more).to.have.length(1);
      await send(await cancel(chain.context(), await findOperation(chain.context(), String(middle))));
      const again = await answer([], 2);
      expect(linesOf(again, "reopen-schedule").split("\n")).to.have.length(1);
      await chain.passTime(DELAY);
      await send(await execute(chain.context(), await findOperation(chain.context(), String(newest))));
      const last = await answer([], 2);
      expect(last.status).to.equal("finished");
      const { batchIndex, epoch } = await registry().head(stream);
      expect([batchIndex, epoch]).to.deep.equal([1n, 3n]);
    });

    it("is finished although the new anchorer went on before the tail was verified", async () => {
      await answer();
      await chain.passTime(DELAY);
      const path = join(folder, `${stream.slice(-8)}.json`);
      await answer();
      await anchor("stranger");
      // As if killed before the tail was verified.
      const state = openState(path, "anchor-compromise", CHAIN, { stream });
      delete state.steps.verify;
      saveState(path, state);
      const last = await answer();
      expect(last.status).to.equal("finished");
      expect(linesOf(last, "verify")).to.include("2 batches hash to state root");
    });
  });

  describe("of a stolen signer", () => {
    const answer = (signer: string, sinceBlock: number | undefined, name: string) => {
      const path = join(folder, `${name}.json`);
      const state = openState(path, "signer-compromise", CHAIN, { signer });
      const steps = signerCompromise({
        context: chain.context(),
        hands: hands(),
        state,
        signer,
        sinceBlock,
        knownSenders: [],
        keys: undefined as never,
        newKey: "signer-2",
        switchRelayer: undefined,
      }).filter((step) => !["key", "grant"].includes(step.id));
      return runIncident(steps, state, path, () => undefined);
    };
    const holds = (signer: string) => chain.contracts().verifier.hasRole(id("SIGNER_ROLE"), signer);

    it("revokes it before anything else, then asks since when; the answer goes on with the same record", async () => {
      const signer = chain.account("signer");
      const fault = await answer(signer, undefined, "signer").catch((error: unknown) => error);
      expect(fault).to.be.instanceOf(InputError);
      expect(await holds(signer)).to.equal(false);
      const report = await answer(signer, 4, "signer");
      expect([report.status, statusOf(report, "revoke")]).to.deep.equal(["finished", "done before"]);
    });

    it("widens the doubt when the theft turns out older, and revokes again what was granted again", async () => {
      const signer = chain.account("signer");
      await send(await grantRole(chain.context(), "SIGNER_ROLE", signer));
      const report = await answer(signer, 2, "signer");
      expect(["revoke", "identify", "distrust", "list"].map((step) => statusOf(report, step))).to.deep.equal(
        Array(4).fill("done"),
      );
      const since = await chain.contracts().verifier.signerDistrustedSince(signer);
      expect(since).to.equal(BigInt((await chain.provider.getBlock(2))?.timestamp ?? 0));
      expect(await holds(signer)).to.equal(false);
    });

    it("refuses an address that never was a signer, and names the other doors a stolen key opens", async () => {
      const wrong = await answer(chain.account("deployer"), 1, "wrong").catch((error: unknown) => error);
      expect(String(wrong)).to.include("this one never was one");
      const twice = chain.account("guardian");
      await send(await grantRole(chain.context(), "SIGNER_ROLE", twice));
      const report = await answer(twice, 1, "twice");
      expect(linesOf(report, "identify")).to.include("PAUSER_ROLE").and.to.include("GUARDIAN_ROLE");
      await send(await revokeRole(chain.context(), "SIGNER_ROLE", twice));
    });
  });

  describe("of a broken circuit", () => {
    const steps = (more: Partial<Parameters<typeof circuitBug>[0]> = {}): readonly IncidentStep[] =>
      circuitBug({
        context: chain.context(),
        hands: hands(),
        state: openState(join(folder, "circuit.json"), "circuit-bug", CHAIN, {}),
        version: 1,
        fixedKey: async () => {
          throw new CheckError("phase 2 is not done");
        },
        deployVerifier: async () => ZeroAddress,
        ...more,
      });
    const take = async (name: string, more: Partial<Parameters<typeof circuitBug>[0]> = {}) =>
      steps(more)
        .find((step) => step.id === name)
        ?.run()
        .catch((error: unknown) => error);

    it("does not let a guardian's pause run out while phase 2 takes its time", async () => {
      await send(await pause(chain.context()));
      const until = await chain.contracts().verifier.pausedUntil();
      await chain.passTime(
        Number(until - BigInt((await chain.provider.getBlock("latest"))?.timestamp ?? 0)) - 60,
      );
      await take("pause");
      await take("setup");
      expect((await chain.contracts().verifier.pausedUntil()) > until).to.equal(true);
    });

    it("refuses a fix with a key that is broken, and another key than the one it looked at", async () => {
      const { address } = chain.deployment().contracts.circuitVerifier as { address: string };
      const verifier = groth16At(address, chain.provider);
      const key = { verifyingKey: await deployedKey(verifier), hash: await deployedKeyHash(verifier) };
      expect(String(await take("setup", { fixedKey: async () => key }))).to.include("that of the broken");
      expect(String(await take("deploy", { fixedKey: async () => key }))).to.include("the setup has changed");
    });

    it("does not resume while a version with the broken key is active", async () => {
      const { address } = chain.deployment().contracts.circuitVerifier as { address: string };
      await throughTimelock(await activateCopy(address));
      expect(String(await take("resume"))).to.include("version 1 has the broken key");
      await take("retire");
      expect(String(await take("resume"))).to.include("version 2 has the broken key");
      expect(await chain.contracts().verifier.paused()).to.equal(true);
    });

    async function activateCopy(address: string) {
      const verifier = (await chain.impersonate(chain.account("admin"))) as never;
      await connect(chain.deployment(), verifier).verifier.addCircuitVersion(address);
      await addCircuitVersion(chain.context(), address);
      return activateCircuitVersion(chain.context(), 2);
    }
  });
});
