import { expect } from "chai";
import { id, JsonRpcProvider, ZeroAddress, ZeroHash } from "ethers";
import { abiOf } from "../../src/chain/artifacts.ts";
import { makeCall } from "../../src/chain/call.ts";
import { applyChange } from "../../src/chain/change.ts";
import {
  addCircuitVersion,
  CUT_LIMIT,
  cancel,
  distrustCircuitVersion,
  execute,
  grantRole,
  listOperations,
  type Operation,
  openStream,
  pause,
  reopenStream,
  replaceAnchorer,
  revokeRole,
  schedule,
  upgradeVerifier,
  waitingOperation,
} from "../../src/chain/changes/index.ts";
import { connect } from "../../src/chain/contracts.ts";
import { creationCode } from "../../src/chain/deploy.ts";
import { CheckError, InputError, RefusedError } from "../../src/core/errors.ts";
import { deployedKey } from "../../src/ops/deployed-key.ts";
import { DELAY, type Governed, startGoverned } from "../support/governed.ts";

const STREAM = `0x${"5a".repeat(32)}`;

/** A node that answers one method as it is told, and hands everything else on. */
class LyingNode__Double extends JsonRpcProvider {
  readonly #lie: (method: string, params: readonly unknown[], truth: unknown) => unknown;

  constructor(url: string, lie: (method: string, params: readonly unknown[], truth: unknown) => unknown) {
    super(url, undefined, { cacheTimeout: -1 });
    this.#lie = lie;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the type ethers gives to the method being overridden
  override async send(method: string, params: any[]): Promise<unknown> {
    return this.#lie(method, params, await super.send(method, params));
  }
}

describe("a change", function () {
  this.timeout(120_000);

  let chain: Governed;
  const nodes: JsonRpcProvider[] = [];
  before(async () => {
    chain = await startGoverned();
  });
  after(async () => {
    for (const node of nodes) node.destroy();
    await chain?.close();
  });

  const admin = () => chain.impersonate(chain.account("admin"));
  const lyingNode = (lie: (method: string, params: readonly unknown[], truth: unknown) => unknown) => {
    const node = new LyingNode__Double(chain.provider._getConnection().url, lie);
    nodes.push(node);
    return node;
  };

  it("knows what is there now, and once sent what came of it", async () => {
    const change = await grantRole(chain.context(), "SIGNER_ROLE", chain.account("stranger"));
    const [expectation] = change.expected;
    expect(expectation).to.include({ before: "not held", after: "held" });
    expect(change.already()).to.equal(false);
    expect(change.sender.accounts).to.deep.equal([chain.account("admin")]);
    const applied = await applyChange(await admin(), change);
    expect(applied?.changed[0]?.after).to.equal("held");
    const again = await grantRole(chain.context(), "SIGNER_ROLE", chain.account("stranger"));
    expect(again.already()).to.equal(true);
    expect(await applyChange(await admin(), again)).to.equal(undefined);
  });

  it("that did not come about is reported, with what was expected and what the node says", async () => {
    const change = await revokeRole(chain.context(), "SIGNER_ROLE", chain.account("stranger"));
    await applyChange(await admin(), change);
    const hasRole = id("hasRole(bytes32,address)").slice(0, 10);
    const liar = lyingNode((method, params, truth) => {
      const { data } = (params[0] ?? {}) as { data?: string };
      return method === "eth_call" && data?.startsWith(hasRole) ? `0x${"0".repeat(63)}1` : truth;
    });
    const fault = await change.verify(liar).catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(CheckError);
    expect(String(fault)).to.contain("did not come about").and.to.contain("expected not held, got held");
    await change.verify(chain.provider);
  });

  it("is refused before it is sent when the sender may not make it", async () => {
    const change = await pause(chain.context());
    const stranger = await chain.impersonate(chain.account("stranger"));
    const fault = await applyChange(stranger, change).catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(RefusedError);
    expect(String(fault)).to.contain("only the default admin or a PAUSER_ROLE may");
  });

  it("of the timelock's is scheduled under a salt of its own each time it is made again", async () => {
    const context = chain.context();
    const toggle = async (build: typeof grantRole) => {
      const inner = await build(context, "PROPOSER_ROLE", chain.account("stranger"));
      const { change, operationId } = await schedule(context, inner);
      await applyChange(await admin(), change);
      await chain.passTime(DELAY);
      const operation = (await listOperations(context)).find((one) => one.id === operationId);
      if (operation === undefined) throw new Error("the operation is not listed");
      await applyChange(await admin(), await execute(context, operation));
      return operation.salt;
    };
    const salts = [await toggle(grantRole), await toggle(revokeRole), await toggle(grantRole)];
    expect(salts.map(BigInt)).to.deep.equal([0n, 0n, 1n]);
  });

  it("that needs no timelock is not scheduled, nor with less than its delay", async () => {
    const context = chain.context();
    const direct = await grantRole(context, "SIGNER_ROLE", chain.account("stranger"));
    expect(await schedule(context, direct).catch((error: unknown) => error)).to.be.instanceOf(InputError);
    const timelocked = await grantRole(context, "EXECUTOR_ROLE", chain.account("stranger"));
    const short = await schedule(context, timelocked, BigInt(DELAY - 1)).catch((error: unknown) => error);
    expect(String(short)).to.contain(`at least the timelock's ${DELAY} s`);
  });

  it("that somebody scheduled for a hundred years from now is not waited for", async () => {
    const context = chain.context();
    const inner = await grantRole(context, "EXECUTOR_ROLE", chain.account("guardian"));
    const planted = await schedule(context, inner, 100n * 365n * 86_400n);
    await applyChange(await admin(), planted.change);
    for (const attempt of [schedule, waitingOperation]) {
      const fault = await attempt(context, inner).catch((error: unknown) => error);
      expect(fault).to.be.instanceOf(RefusedError);
      expect((fault as RefusedError).next).to.contain(
        `upgrade cancel --operation ${planted.operationId.slice(0, 10)}`,
      );
    }
    const operation = (await listOperations(context)).find(({ id }) => id === planted.operationId);
    if (operation === undefined) throw new Error("the operation is not listed");
    await applyChange(await admin(), await cancel(context, operation));
    await applyChange(await admin(), (await schedule(context, inner)).change);
    expect((await waitingOperation(context, inner))?.state.name).to.equal("waiting");
  });

  it("that upgrades to what the proxy runs already is refused when it carries a call: nothing would run it", async () => {
    const context = chain.context();
    const running = chain.deployment().contracts.verifierImplementation?.address ?? "";
    expect((await upgradeVerifier(context, running)).already()).to.equal(true);
    const fault = await upgradeVerifier(context, running, "0x8456cb59").catch((error: unknown) => error);
    expect(fault).to.be.instanceOf(RefusedError);
    expect(String(fault)).to.contain("the call would not be run");
  });

  it("that adds a circuit verifier is not already so when what was added is distrusted", async () => {
    const context = chain.context();
    const bank = await chain.impersonate(chain.account("stranger"));
    const key = await deployedKey(chain.contracts().circuitVerifier);
    const creation = { step: "", role: "circuitVerifier", artifact: "Groth16Verifier", args: [key] } as const;
    const receipt = await (await bank.sendTransaction({ data: creationCode(creation) })).wait();
    const address = receipt?.contractAddress ?? "";
    await applyChange(await admin(), await addCircuitVersion(context, address));
    expect((await addCircuitVersion(context, address)).already()).to.equal(true);
    await applyChange(await admin(), await distrustCircuitVersion(context, 2, 1n));
    const again = await addCircuitVersion(context, address);
    expect(again.expected[0]?.before).to.equal("2, added, distrusted");
    await applyChange(await admin(), again);
    expect((await addCircuitVersion(context, address)).expected[0]?.before).to.equal("3, added");
  });

  it("that cuts a stream is refused when the node leaves a batch out of the logs", async () => {
    const context = chain.context();
    const anchorer = chain.account("anchorer");
    await applyChange(
      await admin(),
      await openStream(context, { streamId: STREAM, anchorer, maturityDelay: 0 }),
    );
    for (let count = 0; count < 3; count++) await anchorNext(chain, anchorer);
    await applyChange(await admin(), await replaceAnchorer(context, STREAM, `0x${"0".repeat(40)}`));

    const [honest] = await reopenStream(context, STREAM, 1n);
    expect(honest?.expected[0]?.after).to.contain("1, up to sequence 1");
    const forgetful = lyingNode((method, _params, truth) =>
      method === "eth_getLogs" && Array.isArray(truth) ? truth.slice(0, -1) : truth,
    );
    const fault = await reopenStream({ ...context, provider: forgetful }, STREAM, 1n).catch(
      (error: unknown) => error,
    );
    expect(fault).to.be.instanceOf(CheckError);
    expect(String(fault)).to.contain("2 logged batches hash to state root");
  });

  it("that cuts a long tail comes in steps: scheduled at once, executed in order, gone on with after any", async () => {
    const context = chain.context();
    await letAnchor(chain.account("anchorer"));
    for (let count = 0; count < 3; count++) await anchorNext(chain, chain.account("anchorer"));
    await letAnchor(ZeroAddress);
    const cuts = () => reopenStream(context, STREAM, 1n, { limit: 2 });
    const steps = await cuts();
    expect(steps.map(({ call }) => call.description.slice(0, 27))).to.deep.equal([
      "Cut 1 batches after batch 5",
      "Cut 2 batches after batch 3",
      "Cut 2 batches after batch 1",
    ]);
    for (const step of steps) await applyChange(await admin(), (await schedule(context, step)).change);
    await chain.passTime(DELAY);

    const waiting = await Promise.all(steps.map((step) => waitingOperation(context, step)));
    const early = await execute(context, waiting[1] as Operation).catch((error: unknown) => error);
    expect(early).to.be.instanceOf(CheckError);
    expect(String(early)).to.contain("expected batch 5 to be the newest, got 6");
    const { timelock } = connect(chain.deployment(), await admin());
    const { to, data } = steps[1]?.call ?? { to: "", data: "" };
    // Not our tools alone keep the order: the registry does.
    await rejected(timelock.execute(to, 0, data, ZeroHash, waiting[1]?.salt ?? ""));

    for (const [index, operation] of waiting.entries()) {
      const left = (await cuts()).map(({ call }) => call.data);
      expect(left).to.deep.equal(steps.slice(index).map(({ call }) => call.data));
      await applyChange(await admin(), await execute(context, operation as Operation));
    }
    const [done, ...more] = await cuts();
    expect([done?.already(), more.length]).to.deep.equal([true, 0]);
    expect((await chain.contracts().registry.head(STREAM)).batchIndex).to.equal(1n);
  });

  it("that cuts a flood of 2,500 batches is within what nodes take for a transaction, at each step", async () => {
    const context = chain.context();
    const [like] = await reopenStream(context, STREAM, 0n);
    if (like === undefined) throw new Error("there is nothing to cut");
    const batch = { contentRoot: `0x${"ff".repeat(32)}`, end: 2n ** 64n - 1n };
    const sizes: number[] = [];
    for (let left = 2_500; left > 0; left -= CUT_LIMIT) {
      const cut = Array(Math.min(left, CUT_LIMIT)).fill(batch);
      const call = makeCall(
        abiOf("AnchorRegistry"),
        like.call.to,
        "reopen",
        [STREAM, left, 0, ZeroHash, cut],
        "",
      );
      const { change } = await schedule(context, { ...like, call });
      sizes.push((change.call.data.length - 2) / 2);
      // A chain takes it, too.
      await applyChange(await admin(), change);
    }
    expect(sizes).to.have.length(3);
    // Half of the limit: a multisig, or a batch of calls, wraps it.
    for (const size of sizes) expect(size).to.be.below((128 * 1_024) / 2);
  });

  async function letAnchor(anchorer: string): Promise<void> {
    await applyChange(await admin(), await replaceAnchorer(chain.context(), STREAM, anchorer));
  }
});

async function rejected(sending: Promise<unknown>): Promise<void> {
  const outcome = await sending.then(
    () => "accepted",
    () => "refused",
  );
  expect(outcome).to.equal("refused");
}

async function anchorNext(chain: Governed, anchorer: string): Promise<void> {
  const { registry } = connect(chain.deployment(), await chain.impersonate(anchorer));
  const { end, stateRoot } = await registry.head(STREAM);
  const root = `0x${(end + 7n).toString(16).padStart(64, "0")}`;
  const batch = {
    startSequence: end + 1n,
    endSequence: end + 1n,
    count: 1,
    batchRoot: root,
    factsRoot: root,
    logRoot: root,
  };
  await (await registry.anchor(STREAM, batch, stateRoot)).wait();
}
