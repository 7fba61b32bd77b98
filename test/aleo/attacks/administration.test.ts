import assert from "node:assert/strict";
import { programChecksum } from "../../../src/aleo/build-record.ts";
import { execution, executions, metrics, payouts, SALT } from "./inputs.ts";
import { openWorld, REGISTRY, rejects, SOURCES, VERIFIER, WAIT, type World } from "./world.ts";

const CHECKSUM = `[${Array(32).fill("7u8").join(", ")}]`;

describe("The administration of the Aleo programs, attacked", function () {
  let world: World;
  let admin: World["admin"];
  let alice: World["alice"];
  let bob: World["bob"];
  let eve: World["eve"];

  before(async function () {
    world = await openWorld(this);
    ({ admin, alice, bob, eve } = world);
    await alice.does(REGISTRY, "register_agent", "301field", metrics(), SALT, "9000u64");
    await alice.does(REGISTRY, "request_withdrawal", "301field", "2000u64", "9301field");
  });
  this.timeout(300_000);

  it("nobody but the admin has the admin's powers over the registry", async () => {
    const calls: [string, ...string[]][] = [
      ["unpause"],
      ["propose_slash", "8301field", "301field", "1000u64", "5field"],
      ["execute_slash", "8301field", "301field"],
      ["slash_withdrawal", "8301field", "301field", "9301field"],
      ["withdraw_slashed", eve.address, "1u64"],
      ["propose_admin", bob.address],
      ["cancel_admin"],
      ["accept_admin"],
      ["approve_upgrade", CHECKSUM],
      ["cancel_upgrade"],
      ["cancel_slash", "8301field"],
      ["migrate_agent", "302field", eve.address, "0u64", "10000u32", "1field", "false", "1u32"],
      ["migrate_withdrawal", "9302field", "301field", alice.address, "5u64", "1u32"],
      ["close_migration"],
    ];
    for (const call of calls) await eve.wouldBeRejected(/roles/, REGISTRY, ...call);
    await eve.isRejected(/roles\[0u8\]/, REGISTRY, "pause");
  });

  it("nobody but the admin has the admin's powers over the verifier", async () => {
    const calls: [string, ...string[]][] = [
      ["pause"],
      ["unpause"],
      ["pause_attestor"],
      ["unpause_attestor"],
      ["propose_admin", bob.address],
      ["cancel_admin"],
      ["accept_admin"],
      ["approve_upgrade", CHECKSUM],
      ["cancel_upgrade"],
      ["migrate_execution", "7302field", "301field", "1field", "10000u32", "1u32", "true"],
      ["close_migration"],
    ];
    for (const call of calls) await eve.wouldBeRejected(/roles/, VERIFIER, ...call);
    await eve.isRejected(/roles\[0u8\]/, VERIFIER, "set_attestor", eve.address);
  });

  it("a migration that was closed is closed for the admin, too", async () => {
    await admin.wouldBeRejected(/migration/, REGISTRY, "close_migration");
    await admin.wouldBeRejected(/migration/, VERIFIER, "close_migration");
    const agent = ["302field", eve.address, "0u64", "10000u32", "1field", "false", "1u32"];
    await admin.isRejected(/migration/, REGISTRY, "migrate_agent", ...agent);
  });

  it("a paused registry lets nothing in and changes nothing, but what waits is still paid out", async () => {
    await admin.does(REGISTRY, "pause");
    try {
      const byOwner: [string, ...string[]][] = [
        ["register_agent", "303field", metrics(), SALT, "1000u64"],
        ["update_metrics", "301field", metrics(), SALT],
        ["verify_agent", "301field", metrics(), SALT, "8000u32"],
        ["increase_stake", "301field", "1000u64"],
        ["transfer_agent", "301field", bob.address],
        ["request_withdrawal", "301field", "1000u64", "9303field"],
        ["activate_agent", "301field"],
      ];
      for (const call of byOwner) await alice.wouldBeRejected(/paused/, REGISTRY, ...call);
      const byAdmin: [string, ...string[]][] = [
        ["propose_slash", "8303field", "301field", "1000u64", "5field"],
        ["execute_slash", "8303field", "301field"],
        ["slash_withdrawal", "8303field", "301field", "9301field"],
        ["withdraw_slashed", admin.address, "1u64"],
      ];
      for (const call of byAdmin) await admin.wouldBeRejected(/paused/, REGISTRY, ...call);
      await alice.isRejected(/paused/, REGISTRY, "increase_stake", "301field", "1000u64");
      // The verifier stands still with it.
      for (const call of [
        ["verify_execution", ...execution("301field", "7303field", 8000)],
        ["batch_verify", ...executions("301field", [{ id: "7303field", confidence: 8000 }])],
        ["verify_high_trust", ...execution("301field", "7303field", 8000)],
        ["registry_matches", "301field", "1u32"],
        ["is_trusted", "301field", "7303field"],
      ] as [string, ...string[]][]) {
        await alice.wouldBeRejected(/paused/, VERIFIER, ...call);
      }
      // A pause must not trap money.
      await world.devnode.advance(WAIT.withdrawal);
      const entry = { ticket: "9301field", owner: alice.address, amount: 2000 };
      await eve.wouldBeAccepted(REGISTRY, "process_withdrawals", ...payouts([entry]));
      await alice.does(REGISTRY, "claim_withdrawal", "9301field", alice.address, "2000u64");
    } finally {
      await admin.does(REGISTRY, "unpause");
    }
    await alice.wouldBeAccepted(REGISTRY, "increase_stake", "301field", "1000u64");
  });

  it("a paused verifier verifies nothing and takes no attestation", async () => {
    await admin.does(VERIFIER, "pause");
    try {
      const call = ["verify_execution", ...execution("301field", "7304field", 8000)] as const;
      await alice.isRejected(/paused/, VERIFIER, ...call);
      await alice.wouldBeRejected(/paused/, VERIFIER, "registry_matches", "301field", "1u32");
    } finally {
      await admin.does(VERIFIER, "unpause");
    }
  });

  it("a new admin waits, then the old one has no power left, and what it approved is void", async () => {
    await admin.does(VERIFIER, "approve_upgrade", CHECKSUM);
    await admin.does(VERIFIER, "propose_admin", bob.address);
    await bob.isRejected(/admin_ready_at/, VERIFIER, "accept_admin");
    // Until then it is nobody, and the admin can think again.
    await bob.wouldBeRejected(/roles\[0u8\]/, VERIFIER, "pause");
    await admin.wouldBeAccepted(VERIFIER, "cancel_admin");
    await world.devnode.advance(WAIT.admin);
    await eve.isRejected(/roles/, VERIFIER, "accept_admin");
    await admin.wouldBeRejected(/roles/, VERIFIER, "accept_admin");
    await bob.does(VERIFIER, "accept_admin");
    try {
      await admin.isRejected(/roles\[0u8\]/, VERIFIER, "pause");
      await admin.wouldBeRejected(/roles\[0u8\]/, VERIFIER, "propose_admin", eve.address);
      assert.equal(await world.value(VERIFIER, "approved_upgrade", "true"), undefined);
      await bob.wouldBeAccepted(VERIFIER, "pause");
      await bob.wouldBeRejected(/roles/, VERIFIER, "accept_admin");
    } finally {
      await bob.does(VERIFIER, "propose_admin", admin.address);
      await world.devnode.advance(WAIT.admin);
      await admin.does(VERIFIER, "accept_admin");
    }
  });

  it("no admin is named that cannot act", async () => {
    const nobody = "aleo1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq3ljyzc";
    for (const program of [REGISTRY, VERIFIER]) {
      await admin.cannotProve(program, "propose_admin", nobody);
      await admin.cannotProve(program, "propose_admin", admin.address);
    }
    await admin.cannotProve(VERIFIER, "set_attestor", nobody);
  });

  it("an upgrade is the approved program, after its delay, once; and it keeps what was there", async () => {
    const upgraded = SOURCES[VERIFIER]?.replace(
      "constructor:",
      "function version:\n    input r0 as u32.public;\n    assert.eq r0 4u32;\n\nconstructor:",
    );
    assert.ok(upgraded !== undefined);
    const checksum = `[${[...Buffer.from(await programChecksum(upgraded), "hex")].map((byte) => `${byte}u8`).join(", ")}]`;
    const upgrade = (): Promise<unknown> => admin.client.deploy(upgraded);
    // Nobody approved anything; then another program; then this one, too early.
    await rejects(upgrade());
    await admin.does(VERIFIER, "approve_upgrade", CHECKSUM);
    await world.devnode.advance(WAIT.upgrade);
    await rejects(upgrade());
    await admin.does(VERIFIER, "approve_upgrade", checksum);
    await rejects(upgrade());
    await world.devnode.advance(WAIT.upgrade);
    await upgrade();
    assert.equal(await world.ledger.edition(VERIFIER), 1);
    assert.equal(await world.value(VERIFIER, "roles", "0u8"), admin.address);
    assert.equal(await world.value(VERIFIER, "approved_upgrade", "true"), undefined);
  });
});
