import assert from "node:assert/strict";
import { KNOWN_SCORE, metrics, payouts, SALT } from "./inputs.ts";
import { openWorld, REGISTRY, WAIT, type World } from "./world.ts";

describe("Staked credits on Aleo, attacked", function () {
  let world: World;
  let alice: World["alice"];
  let bob: World["bob"];
  let eve: World["eve"];

  before(async function () {
    world = await openWorld(this);
    ({ alice, bob, eve } = world);
  });
  this.timeout(300_000);

  const register = (who: World["alice"], agent: string, stake: number | bigint): Promise<unknown> =>
    who.does(REGISTRY, "register_agent", agent, metrics(), SALT, `${stake}u64`);
  /** Every test ends with each credit accounted for. */
  afterEach(async () => {
    const { held, accounted } = await world.money();
    assert.equal(held, accounted);
  });

  it("an agent has one owner: nobody registers its id again", async () => {
    await register(alice, "101field", 5000);
    const entry = await world.entry(REGISTRY, "agents", "101field");
    assert.deepEqual(
      [entry.holder, entry.stake, entry.score, entry.active],
      [alice.address, "5000u64", `${KNOWN_SCORE}u32`, "true"],
    );
    const again = ["register_agent", "101field", metrics(), SALT, "5000u64"] as const;
    await bob.isRejected(/contains|agents/, REGISTRY, ...again);
    await alice.wouldBeRejected(/contains|agents/, REGISTRY, ...again);
  });

  it("a stake is 1,000 to 1,000,000,000 microcredits: one less or one more has no proof", async () => {
    for (const stake of [0n, 1n, 999n, 1_000_000_001n, 2n ** 64n - 1n]) {
      await eve.cannotProve(REGISTRY, "register_agent", "102field", metrics(), SALT, `${stake}u64`);
    }
    await register(eve, "102field", 1000);
    await register(eve, "103field", 1_000_000_000n);
    // Nor by adding to it afterwards.
    await eve.isRejected(/lte|assert/, REGISTRY, "increase_stake", "103field", "1u64");
    await eve.cannotProve(REGISTRY, "increase_stake", "103field", "1000000001u64");
    await eve.cannotProve(REGISTRY, "increase_stake", "103field", "0u64");
  });

  it("a withdrawal waits, goes to its owner alone, and is spent once", async () => {
    await register(alice, "104field", 5000);
    await alice.does(REGISTRY, "request_withdrawal", "104field", "2000u64", "9104field");
    const claim = ["claim_withdrawal", "9104field", alice.address, "2000u64"] as const;
    await alice.isRejected(/ready_at/, REGISTRY, ...claim);
    await eve.wouldBeRejected(
      /ready_at/,
      REGISTRY,
      "process_withdrawals",
      ...payouts([{ ticket: "9104field", owner: alice.address, amount: 2000 }]),
    );
    await world.devnode.advance(WAIT.withdrawal);
    // Claimed by another, to either address.
    await eve.isRejected(/holder/, REGISTRY, "claim_withdrawal", "9104field", eve.address, "2000u64");
    await eve.cannotProve(REGISTRY, ...claim);
    // Another amount than the ticket's.
    for (const amount of ["1999u64", "2001u64"]) {
      await alice.wouldBeRejected(/amount/, REGISTRY, "claim_withdrawal", "9104field", alice.address, amount);
    }
    const before = await alice.client.balance();
    const { fee } = await alice.does(REGISTRY, ...claim);
    assert.equal(await alice.client.balance(), before - fee + 2000n);
    // Claimed twice, or claimed and then processed.
    await alice.isRejected(/withdrawals/, REGISTRY, ...claim);
    await eve.isRejected(
      /withdrawals/,
      REGISTRY,
      "process_withdrawals",
      ...payouts([{ ticket: "9104field", owner: alice.address, amount: 2000 }]),
    );
  });

  it("nothing leaves that was not staked, and no stake is left below the minimum", async () => {
    await register(alice, "105field", 3000);
    const request = (amount: string): [string, ...string[]] => [
      "request_withdrawal",
      "105field",
      amount,
      "9105field",
    ];
    await alice.isRejected(/sub/, REGISTRY, ...request("3001u64"));
    await alice.wouldBeRejected(/sub/, REGISTRY, ...request(`${2n ** 64n - 1n}u64`));
    await alice.wouldBeRejected(/or|left|assert/, REGISTRY, ...request("2001u64"));
    await alice.wouldBeRejected(/or|left|assert/, REGISTRY, ...request("2999u64"));
    await alice.cannotProve(REGISTRY, ...request("0u64"));
    await alice.cannotProve(REGISTRY, "request_withdrawal", "105field", "1000u64", "0field");
    await eve.isRejected(/holder/, REGISTRY, ...request("1000u64"));
    await alice.does(REGISTRY, ...request("2000u64"));
    // A ticket that waits cannot be written over.
    await alice.wouldBeRejected(
      /contains|withdrawals/,
      REGISTRY,
      "request_withdrawal",
      "105field",
      "1000u64",
      "9105field",
    );
    // All of it: the agent is out, and cannot go on without a stake.
    await alice.does(REGISTRY, "request_withdrawal", "105field", "1000u64", "9106field");
    const { active, stake } = await world.entry(REGISTRY, "agents", "105field");
    assert.deepEqual([active, stake], ["false", "0u64"]);
    await alice.wouldBeRejected(/stake/, REGISTRY, "activate_agent", "105field");
  });

  it("a batch of withdrawals pays all or none, and each ticket once", async () => {
    await register(alice, "107field", 9000);
    await register(bob, "108field", 9000);
    await alice.does(REGISTRY, "request_withdrawal", "107field", "1000u64", "9107field");
    await bob.does(REGISTRY, "request_withdrawal", "108field", "2000u64", "9108field");
    await world.devnode.advance(WAIT.withdrawal);
    await alice.does(REGISTRY, "request_withdrawal", "107field", "3000u64", "9109field");
    const first = { ticket: "9107field", owner: alice.address, amount: 1000 };
    const second = { ticket: "9108field", owner: bob.address, amount: 2000 };
    const early = { ticket: "9109field", owner: alice.address, amount: 3000 };
    const process = (...entries: (typeof first)[]): [string, ...string[]] => [
      "process_withdrawals",
      ...payouts(entries),
    ];
    await eve.isRejected(/withdrawals/, REGISTRY, ...process(first, first));
    await eve.isRejected(/ready_at/, REGISTRY, ...process(first, second, early));
    await eve.wouldBeRejected(/holder/, REGISTRY, ...process(first, { ...second, owner: eve.address }));
    await eve.wouldBeRejected(/amount/, REGISTRY, ...process({ ...first, amount: 1001 }, second));
    // The batch that failed took nothing: it goes through now, by anybody, to the owners.
    const before = await bob.client.balance();
    await eve.does(REGISTRY, ...process(first, second));
    assert.equal(await bob.client.balance(), before + 2000n);
    await eve.isRejected(/withdrawals/, REGISTRY, ...process(second));
  });

  it("a batch has one to five tickets, and its padding moves nothing", async () => {
    const entry = { ticket: "9110field", owner: eve.address, amount: 1000 };
    for (const [entries, count] of [
      [[entry], 0],
      [[entry], 6],
      [[entry], 255],
      // A ticket, or an amount, behind the count.
      [[entry, entry], 1],
      [[entry, { ...entry, ticket: "0field" }], 1],
      [[entry, { ...entry, amount: 0 }], 1],
    ] as const) {
      await eve.cannotProve(REGISTRY, "process_withdrawals", ...payouts(entries, count));
    }
    // Six do not fit at all.
    await assert.rejects(
      world.authorize(eve.client.account, REGISTRY, "process_withdrawals", payouts(Array(6).fill(entry), 6)),
    );
  });
});
