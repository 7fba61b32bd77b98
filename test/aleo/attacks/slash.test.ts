import assert from "node:assert/strict";
import { metrics, payouts, SALT } from "./inputs.ts";
import { openWorld, REGISTRY, WAIT, type World } from "./world.ts";

describe("Slashes on Aleo, evaded", function () {
  let world: World;
  let admin: World["admin"];
  let alice: World["alice"];
  let eve: World["eve"];

  before(async function () {
    world = await openWorld(this);
    ({ admin, alice, eve } = world);
  });
  this.timeout(300_000);
  afterEach(async () => {
    const { held, accounted } = await world.money();
    assert.equal(held, accounted);
  });

  const register = (agent: string, stake: number): Promise<unknown> =>
    eve.does(REGISTRY, "register_agent", agent, metrics(), SALT, `${stake}u64`);

  it("an agent under a slash cannot escape by withdrawing: what waits is frozen, and taken", async () => {
    await register("201field", 4000);
    await eve.does(REGISTRY, "request_withdrawal", "201field", "4000u64", "9201field");
    await admin.does(REGISTRY, "propose_slash", "8201field", "201field", "3000u64", "5field");
    await world.devnode.advance(WAIT.withdrawal);
    const claim = ["claim_withdrawal", "9201field", eve.address, "4000u64"] as const;
    await eve.isRejected(/until|freeze/, REGISTRY, ...claim);
    await alice.wouldBeRejected(
      /until|freeze/,
      REGISTRY,
      "process_withdrawals",
      ...payouts([{ ticket: "9201field", owner: eve.address, amount: 4000 }]),
    );
    await eve.wouldBeRejected(/until|freeze/, REGISTRY, "transfer_agent", "201field", alice.address);
    await admin.does(REGISTRY, "slash_withdrawal", "8201field", "201field", "9201field");
    assert.equal(await world.value(REGISTRY, "slashes", "8201field"), undefined);
    // What the slash left is the owner's, and no more than that.
    await eve.wouldBeRejected(/amount/, REGISTRY, ...claim);
    await eve.does(REGISTRY, "claim_withdrawal", "9201field", eve.address, "1000u64");
  });

  it("an owner under a slash cannot shield waiting credits by staking again", async () => {
    await register("202field", 4000);
    await eve.does(REGISTRY, "request_withdrawal", "202field", "4000u64", "9202field");
    await admin.does(REGISTRY, "propose_slash", "8202field", "202field", "4000u64", "5field");
    await eve.isRejected(/until|freeze/, REGISTRY, "increase_stake", "202field", "1000u64");
    await world.devnode.advance(WAIT.slash);
    await admin.does(REGISTRY, "slash_withdrawal", "8202field", "202field", "9202field");
    await eve.wouldBeRejected(
      /withdrawals/,
      REGISTRY,
      "claim_withdrawal",
      "9202field",
      eve.address,
      "4000u64",
    );
  });

  it("a slash takes the stake first, waits before, and takes no more than there is", async () => {
    await register("203field", 5000);
    await eve.does(REGISTRY, "request_withdrawal", "203field", "2000u64", "9203field");
    await admin.does(REGISTRY, "propose_slash", "8203field", "203field", "4000000u64", "5field");
    assert.equal((await world.entry(REGISTRY, "slashes", "8203field")).amount, "5000u64");
    const execute = ["execute_slash", "8203field", "203field"] as const;
    await admin.isRejected(/ready_at/, REGISTRY, ...execute);
    await admin.wouldBeRejected(
      /until|freeze/,
      REGISTRY,
      "propose_slash",
      "8204field",
      "203field",
      "1u64",
      "5field",
    );
    await world.devnode.advance(WAIT.slash);
    await eve.isRejected(/roles/, REGISTRY, ...execute);
    await admin.wouldBeRejected(/agent/, REGISTRY, "execute_slash", "8203field", "201field");
    await admin.wouldBeRejected(/stake/, REGISTRY, "slash_withdrawal", "8203field", "203field", "9203field");
    await admin.does(REGISTRY, ...execute);
    const { stake, active } = await world.entry(REGISTRY, "agents", "203field");
    assert.deepEqual([stake, active], ["0u64", "false"]);
    await admin.does(REGISTRY, "slash_withdrawal", "8203field", "203field", "9203field");
    await admin.isRejected(/slashes/, REGISTRY, ...execute);
  });

  it("a slash that nobody executes in its time freezes nothing any longer, and takes nothing", async () => {
    await register("204field", 3000);
    await admin.does(REGISTRY, "propose_slash", "8205field", "204field", "3000u64", "5field");
    await eve.wouldBeRejected(
      /until|freeze/,
      REGISTRY,
      "request_withdrawal",
      "204field",
      "3000u64",
      "9204field",
    );
    await world.devnode.advance(WAIT.slash + WAIT.slashWindow);
    await admin.isRejected(/until/, REGISTRY, "execute_slash", "8205field", "204field");
    await eve.does(REGISTRY, "request_withdrawal", "204field", "3000u64", "9204field");
    await admin.does(REGISTRY, "cancel_slash", "8205field");
  });

  it("slashed credits leave to where the admin says, once, and never more than were slashed", async () => {
    const pot = BigInt(String(await world.value(REGISTRY, "totals", "2u8")).replace("u64", ""));
    assert.ok(pot >= 1000n, "the tests above slashed some");
    await admin.isRejected(/sub/, REGISTRY, "withdraw_slashed", alice.address, `${pot + 1n}u64`);
    await eve.wouldBeRejected(/roles/, REGISTRY, "withdraw_slashed", eve.address, "1u64");
    const before = await alice.client.balance();
    await admin.does(REGISTRY, "withdraw_slashed", alice.address, `${pot}u64`);
    assert.equal(await alice.client.balance(), before + pot);
    await admin.wouldBeRejected(/sub/, REGISTRY, "withdraw_slashed", alice.address, "1u64");
  });
});
