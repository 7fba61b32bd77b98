import { expect } from "chai";
import { expectOk, expectRefused } from "../support/cli.ts";
import { type Governed, startGoverned } from "../support/governed.ts";

const DAY = 86_400;
/** `type(uint64).max`: trusted. */
const TRUSTED = 2n ** 64n - 1n;

describe("pauses and distrust", function () {
  this.timeout(240_000);

  let chain: Governed;
  before(async () => {
    chain = await startGoverned();
    // A second guardian, to chain a pause to the first one's.
    expectOk(await chain.onChain("roles grant --role PAUSER --account #stranger --key admin"));
  });
  after(() => chain?.close());

  const pausedUntil = async () => Number(await chain.contracts().verifier.pausedUntil());
  const now = async () => (await chain.provider.getBlock("latest"))?.timestamp ?? 0;

  it("a guardian pauses at once, for 7 days at most, and cannot resume", async () => {
    const paused = await chain.onChain("pause --key guardian");
    expectOk(paused);
    expect(paused.stdout).to.contain("attesting: not paused -> paused until");
    expect((await pausedUntil()) - (await now())).to.be.at.most(7 * DAY);
    expectRefused(await chain.onChain("unpause --key guardian"), 3, "only the default admin may");
  });

  it("a second guardian's pause over a running one is already so", async () => {
    const until = await pausedUntil();
    const again = await chain.onChain("pause --key stranger");
    expectOk(again);
    expect(again.stdout).to.contain("Already so, nothing sent");
    expect(await pausedUntil()).to.equal(until);
  });

  it("a pause that runs already says how long it still does, and how the admin makes it longer", async () => {
    await chain.passTime(2 * DAY);
    const again = await chain.onChain("pause --key admin");
    expectOk(again);
    expect(again.stdout).to.contain("  4 d 23 h ").and.to.contain("npx hardhat pause --renew");
    const { secondsLeft } = (await chain.onChain("pause --key admin --json")).json<{ secondsLeft: string }>();
    expect(Number(secondsLeft)).to.be.closeTo((await pausedUntil()) - (await now()), 300);
  });

  it("guardians cannot chain their pauses: when one ran out, the budget is used for all of them", async () => {
    await chain.passTime(7 * DAY);
    const [chained, first] = await Promise.all([
      chain.onChain("pause --key stranger"),
      chain.onChain("pause --key guardian"),
    ]);
    expectRefused(chained, 1, "PauseBudgetSpent(availableFrom=");
    expectRefused(first, 1, "GuardianSpent(");
    expectOk(await chain.onChain("guardian re-arm --guardian #guardian --key admin"));
    // Armed again, and still not over the budget.
    expectRefused(await chain.onChain("pause --key guardian"), 1, "PauseBudgetSpent(");
    expect(await pausedUntil()).to.be.at.most(await now());
  });

  it("the admin's pause lasts 30 days, is renewed by asking for it, and ends at once", async () => {
    expectOk(await chain.onChain("pause --key admin"));
    const until = await pausedUntil();
    await chain.passTime(DAY);
    expectOk(await chain.onChain("pause --renew --key admin"));
    expect((await pausedUntil()) - until).to.be.at.least(DAY);
    expectRefused(await chain.onChain("pause --renew --key guardian"), 3, "only the default admin may");
    const resumed = await chain.onChain("unpause --key admin");
    expectOk(resumed);
    expect(resumed.stdout).to.contain("-> not paused");
  });

  it("distrust of a signer since a block is recorded, and only ever widens", async () => {
    const block = (await chain.provider.getBlockNumber()) - 3;
    const since = (await chain.provider.getBlock(block))?.timestamp ?? 0;
    expectOk(await chain.onChain(`distrust --signer #signer --since block:${block} --key admin`));
    const recorded = () => chain.contracts().verifier.signerDistrustedSince(chain.account("signer"));
    expect(await recorded()).to.equal(BigInt(since));

    const later = await chain.onChain(`distrust --signer #signer --since ${since + 1} --key admin`);
    expectOk(later);
    expect(later.stdout).to.contain("Already so");
    expectOk(await chain.onChain("distrust --signer #signer --since 2020-01-01T00:00:00Z --key admin"));
    expect(await recorded()).to.equal(BigInt(Date.UTC(2020, 0) / 1000));
  });

  it("distrust cannot begin in the future, nor at a time that depends on the machine's zone", async () => {
    const distrust = "distrust --circuit-version 1 --key admin --since";
    const [future, local] = await Promise.all([
      chain.onChain(`${distrust} 2100-01-01T00:00:00Z`),
      chain.onChain(`${distrust} 2020-01-01T00:00:00`),
    ]);
    expectRefused(future, 2, "since: expected a time that is not in the future");
    expectRefused(local, 2, "an ISO date and time with its zone");
    const { distrustedSince } = await chain.contracts().verifier.circuitVersion(1);
    expect(distrustedSince).to.equal(TRUSTED);
  });

  it("a policy is retired for good, by whoever may", async () => {
    const aml = "config/policies/aml-threshold.toml";
    expectOk(await chain.onChain(`policy register --policy ${aml} --key policy-admin`));
    const [unknown, guardian] = await Promise.all([
      chain.onChain("policy retire --policy 2 --key admin"),
      chain.onChain("policy retire --policy 1 --key guardian"),
    ]);
    expectRefused(unknown, 2, "expected an id from 1 to 1");
    expectRefused(guardian, 3, "POLICY_ROLE");
    const retired = await chain.onChain("policy retire --policy 1 --key policy-admin");
    expectOk(retired);
    expect(retired.stdout).to.contain("policy 1: active -> retired");
  });
});
