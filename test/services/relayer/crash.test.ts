import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Transaction } from "ethers";
import { CheckError, InputError, RefusedError } from "../../../src/core/errors.ts";
import { type ProofxService, startProofx } from "../../support/proofx.ts";
import { makeRelayer, makeWorld, type TestRelayer, type World } from "./world.ts";

describe("The relayer is killed", function () {
  this.timeout(120_000);
  let world: World;
  let relayer: TestRelayer | undefined;
  let child: ProofxService | undefined;
  before(async () => {
    world = await makeWorld();
  });
  afterEach(async () => {
    if (child?.process.exitCode === null) await child.end("SIGKILL");
    await relayer?.close();
    relayer = undefined;
    await world.automine(true);
  });
  after(() => world?.close());

  /** Starts it as `npx proofx relayer` does, in a process that can be killed. */
  async function spawn(one: TestRelayer): Promise<void> {
    const file = join(world.folder, "relayer.toml");
    const { settings } = one;
    const lines = {
      deployment: settings.deployment,
      rpc_urls: settings.rpc_urls,
      signer: settings.signer,
      sender: settings.sender,
      folder: settings.folder,
      token_file: settings.token_file,
      max_fee_per_gas: "100",
      spending_limit: "5",
      min_balance: "0.1",
      confirmations: settings.confirmations,
      rpc_timeout: 1,
      poll: 1,
    };
    const toml = Object.entries(lines).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
    writeFileSync(file, `[log]\n[relayer]\n${toml.join("\n")}\n[relayer.http]\nport = 0\n`);
    child = await startProofx(["relayer", "--config", file], world.environment);
    one.url = child.url;
  }

  const kill = async () => expect(await child?.end("SIGKILL")).to.equal("SIGKILL");

  it("between vouching, signing and sending: started again it goes on, and sends one transaction", async () => {
    const one = await makeRelayer(world, { stopped: true });
    relayer = one;
    const [node] = one.nodes;
    const selector = world.system.verifier.interface.getFunction("attest").selector;
    const attesting = (params: readonly unknown[]) =>
      (params[0] as { data: string }).data.startsWith(selector);
    await spawn(one);

    // Vouched for, and no transaction yet: running it on the node gets no answer.
    node?.lie("eth_call", (params, real) => (attesting(params) ? new Promise(() => undefined) : real()));
    const file = await world.prove(one.sender);
    const id = await one.submit(file, "killed");
    await one.until(id, ({ state }) => state === "signed");
    await kill();
    node?.honest();
    // Each look finds other fees, so a transaction signed anew would be another one.
    let tip = 10n ** 9n;
    node?.lie("eth_feeHistory", () => ({
      baseFeePerGas: ["0x3b9aca00"],
      reward: [[`0x${(tip++).toString(16)}`]],
    }));

    // A transaction is signed and on the disk, and never leaves.
    const raws = new Set<string>();
    node?.lie("eth_sendRawTransaction", ([raw]) => {
      raws.add(raw as string);
      return new Promise(() => undefined);
    });
    await spawn(one);
    const { transactions } = await one.until(id, ({ state }) => state === "prepared");
    await kill();

    node?.lie("eth_sendRawTransaction", ([raw], real) => {
      raws.add(raw as string);
      return real();
    });
    await spawn(one);
    expect(await one.submit(file, "killed")).to.equal(id);
    const view = await one.ended(id);
    expect(view.state).to.equal("final");
    expect(view.landed?.transactionHash).to.equal(transactions[0]?.hash);
    expect([...raws].map((raw) => Transaction.from(raw).hash)).to.deep.equal([transactions[0]?.hash]);
    expect(await world.events(file)).to.equal(1);
    expect(await child?.end("SIGTERM")).to.equal(0);
  });

  it("with one landed, one under way, one unsent and one queued: each ends once", async () => {
    const one = await makeRelayer(world, { stopped: true, settings: { confirmations: 3 } });
    relayer = one;
    await spawn(one);
    const files = [];
    for (let i = 0; i < 3; i++) files.push(await world.prove(one.sender));
    const [landed, underWay, unsent] = files;
    if (landed === undefined || underWay === undefined || unsent === undefined)
      throw new Error("three proofs");
    const ids = [await one.submit(landed, "landed")];
    await one.until(ids[0] ?? "", ({ state }) => state === "mined");
    await world.automine(false);
    ids.push(await one.submit(underWay, "under-way"));
    await one.until(ids[1] ?? "", ({ state }) => state === "sent");
    one.nodes[0]?.lie("eth_sendRawTransaction", () => new Promise(() => undefined));
    ids.push(await one.submit(unsent, "unsent"));
    await one.until(ids[2] ?? "", ({ state }) => state === "prepared");
    ids.push(await one.submit(unsent, "queued"));
    await kill();

    one.nodes[0]?.honest();
    await world.automine(true);
    await spawn(one);
    for (const id of ids.slice(0, 3)) {
      await one.until(id, ({ state }) => state === "mined" || state === "final");
    }
    await world.mine(4);
    const states = [];
    for (const id of ids) states.push((await one.ended(id)).state);
    expect(states).to.deep.equal(["final", "final", "final", "failed"]);
    for (const file of files) expect(await world.events(file)).to.equal(1);
    expect(await world.chain.ethers.provider.getTransactionCount(one.sender)).to.equal(3);
  });

  it("while it wrote: a torn end is cut off and everything before is there", async () => {
    const one = await makeRelayer(world);
    relayer = one;
    const id = await one.submit(await world.prove(one.sender));
    await one.ended(id);
    await one.stop();
    const path = join(one.folder, "journal");
    const whole = readFileSync(path);
    appendFileSync(path, whole.subarray(whole.length - 900, whole.length - 300));
    await one.start();
    expect((await one.ended(id)).state).to.equal("final");
    expect(readFileSync(path).equals(whole)).to.equal(true);
  });

  it("a journal damaged in its middle is refused: a forgotten step could be taken twice", async () => {
    const one = await makeRelayer(world);
    relayer = one;
    await one.ended(await one.submit(await world.prove(one.sender)));
    await one.stop();
    const path = join(one.folder, "journal");
    const bytes = readFileSync(path);
    const at = bytes.indexOf("accepted");
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const refused = await one.start().catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(CheckError);
    expect(String(refused)).to.contain("line 2 is damaged");
  });

  it("two at once in one folder are refused, and so is another sender while submissions are unfinished", async () => {
    const one = await makeRelayer(world);
    relayer = one;
    const second = await one.start().catch((error: unknown) => error);
    expect(second).to.be.instanceOf(RefusedError);
    await world.automine(false);
    const id = await one.submit(await world.prove(one.sender));
    await one.until(id, ({ state }) => state === "sent");
    await one.stop();
    await world.newKey("other-sender", { ether: "1" });
    const other = await one.start({ sender: "other-sender" }).catch((error: unknown) => error);
    expect(other).to.be.instanceOf(InputError);
    expect(String(other)).to.contain("have not ended");
  });
});
