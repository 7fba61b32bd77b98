import { expect } from "chai";
import { toBeHex, ZeroAddress, ZeroHash } from "ethers";
import { connect } from "../../src/chain/contracts.ts";
import { expectOk, expectRefused } from "../support/cli.ts";
import { DELAY, type Governed, startGoverned } from "../support/governed.ts";

const TENANT = "7e4a0000-0000-4000-8000-00000000000b";
const STORE = "570e0000-0000-4000-8000-00000000000b";
const MATURITY = 600;

describe("streams, after an anchorer's key was stolen", function () {
  this.timeout(240_000);

  let chain: Governed;
  let stream: string;
  const open = `stream open --tenant ${TENANT} --store ${STORE} --anchorer #anchorer --maturity ${MATURITY}`;

  before(async () => {
    chain = await startGoverned();
    const opened = await chain.onChain(`${open} --key admin --json`);
    expectOk(opened);
    stream = opened.json<{ streamId: string }>().streamId;
    // Two honest batches, and two of the thief.
    for (let count = 0; count < 4; count++) await anchorNext();
  });
  after(() => chain?.close());

  const head = () => chain.contracts().registry.head(stream);

  /** Anchors one event with facts that nobody looks into. */
  async function anchorNext(): Promise<void> {
    const { registry } = connect(chain.deployment(), await chain.impersonate(chain.account("anchorer")));
    const { end, stateRoot } = await head();
    const root = toBeHex(end + 7n, 32);
    const batch = {
      startSequence: end + 1n,
      endSequence: end + 1n,
      count: 1,
      batchRoot: root,
      factsRoot: root,
      logRoot: root,
    };
    await (await registry.anchor(stream, batch, stateRoot)).wait();
  }

  it("are opened once: again it is so already, and with another anchorer it is refused", async () => {
    const again = await chain.onChain(`${open} --key admin`);
    expectOk(again);
    expect(again.stdout).to.contain("Already so, nothing sent");
    const other = await chain.onChain(`${open.replace("#anchorer", "#stranger")} --key admin`);
    expectRefused(other, 3, "a stream is opened once");
  });

  it("lose a batch to a guardian's veto while it does not count, and by nobody else's", async () => {
    const veto = `stream veto --stream ${stream} --batch 4`;
    expectRefused(await chain.onChain(`${veto} --key admin`), 3, "only the GUARDIAN_ROLE may");
    const vetoed = await chain.onChain(`${veto} --key guardian`);
    expectOk(vetoed);
    expect(vetoed.stdout).to.match(/batch 4 of stream .*: counts from .* -> vetoed/);
    expectOk(await chain.onChain(`${veto} --key guardian`));
  });

  it("keep a batch that counts already: the refusal names the way that is left", async () => {
    await chain.passTime(MATURITY);
    const late = await chain.onChain(`stream veto --stream ${stream} --batch 3 --key guardian`);
    expectRefused(late, 1, "too late for a veto");
    expect(late.stderr).to.contain("stream reopen");
  });

  it("are not cut while somebody can anchor: the prepared cut would go stale", async () => {
    const cut = await chain.onChain(`stream reopen --stream ${stream} --keep 2 --key admin`);
    expectRefused(cut, 3, "is not suspended");
    expectOk(await chain.onChain(`stream anchorer --stream ${stream} --suspend --key admin`));
    expect((await head()).anchorer).to.equal(ZeroAddress);
  });

  it("are cut through the timelock: shown on a fork, scheduled, not executed early, executed once", async () => {
    const reopen = `stream reopen --stream ${stream} --keep 2`;
    const dry = await chain.onChain(`${reopen} --dry-run`);
    expectOk(dry);
    expect(dry.stdout).to.match(
      /later {2}newest batch of stream .*: 4, up to sequence 4.* -> 2, up to sequence 2/,
    );
    expect((await head()).batchIndex).to.equal(4n);

    expectOk(await chain.onChain(`${reopen} --key admin`));
    const waits = await chain.onChain(`${reopen} --key admin --json`);
    expectOk(waits);
    expect(waits.json<object>()).to.include({ status: "waiting" });
    await chain.passTime(DELAY);
    expectOk(await chain.onChain(`${reopen} --key admin`));
    const after = await head();
    expect([after.batchIndex, after.end, after.epoch]).to.deep.equal([2n, 2n, 1n]);
  });

  it("go on after the cut with a new anchorer, and their history leaves out what was cut", async () => {
    expectOk(await chain.onChain(`stream anchorer --stream ${stream} --anchorer #anchorer --key admin`));
    await anchorNext();
    const shown = await chain.onChain(`stream show --tenant ${TENANT} --store ${STORE} --json`);
    expectOk(shown);
    const { batches } = shown.json<{ batches: { batchIndex: string; end: string }[] }>();
    expect(batches.map(({ batchIndex, end }) => `${batchIndex}:${end}`)).to.deep.equal(["1:1", "2:2", "3:3"]);
    expect((await head()).stateRoot).to.not.equal(ZeroHash);
  });

  it("are cut in steps when the tail is long: one dry run for all, one schedule, one delay, in order", async () => {
    for (let count = 0; count < 2; count++) await anchorNext();
    expectOk(await chain.onChain(`stream anchorer --stream ${stream} --suspend --key admin`));
    const reopen = `stream reopen --stream ${stream} --keep 2 --step 2`;
    const dry = await chain.onChain(`${reopen} --dry-run`);
    expectOk(dry);
    expect(dry.stdout).to.match(/-> 4, up to sequence 4[\s\S]*-> 2, up to sequence 2/);
    const scheduled = await chain.onChain(`${reopen} --key admin --json`);
    expectOk(scheduled);
    expect(scheduled.json<{ operationIds: string[] }>().operationIds).to.have.length(2);
    const waits = await chain.onChain(`${reopen} --key admin --json`);
    expect(waits.json<object>()).to.include({ status: "waiting", left: 1 });
    const later = await chain.onChain(`${reopen} --dry-run`);
    expectOk(later);
    expect(later.stdout).to.match(/-> 4, up to sequence 4[\s\S]*-> 2, up to sequence 2/);
    expect((await head()).batchIndex).to.equal(5n);
    await chain.passTime(DELAY);
    const unsigned = await chain.onChain(`${reopen} --out ${chain.path("cut.json")}`);
    expectOk(unsigned);
    expect(unsigned.stdout).to.contain("1 more after it, in order");
    expectOk(await chain.onChain(`${reopen} --key admin`));
    const after = await head();
    expect([after.batchIndex, after.epoch]).to.deep.equal([2n, 3n]);
    expect((await chain.onChain(`${reopen} --key admin`)).stdout).to.contain("Already so, nothing sent");
  });
});
