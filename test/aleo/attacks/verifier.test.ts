import assert from "node:assert/strict";
import { execution, executions, metrics, SALT } from "./inputs.ts";
import { openWorld, REGISTRY, VERIFIER, type World } from "./world.ts";

describe("Verified executions on Aleo, attacked", function () {
  let world: World;
  let admin: World["admin"];
  let alice: World["alice"];
  let bob: World["bob"];
  let eve: World["eve"];
  let attestor: World["attestor"];

  before(async function () {
    world = await openWorld(this);
    ({ admin, alice, bob, eve, attestor } = world);
    await alice.does(REGISTRY, "register_agent", "401field", metrics(), SALT, "5000u64");
    await bob.does(REGISTRY, "register_agent", "402field", metrics(), SALT, "5000u64");
    await admin.does(VERIFIER, "set_attestor", attestor.address);
  });
  this.timeout(300_000);

  const attest = (agent: string, expiry: number): [string, ...string[]] => [
    "write_attestation",
    agent,
    "31337u64",
    "1field",
    "2field",
    "3field",
    "64u64",
    `${expiry}u32`,
  ];

  it("confidence 5,000 and 10,000 count as 6,000 and 10,000; one less, one more, and what overflows have no proof", async () => {
    for (const confidence of [0, 4999, 10_001, 2 ** 32 - 1000, 2 ** 32 - 1]) {
      for (const name of ["verify_execution", "verify_high_trust"]) {
        await alice.cannotProve(VERIFIER, name, ...execution("401field", "7401field", confidence));
      }
      const batch = executions("401field", [
        { id: "7401field", confidence: 7000 },
        { id: "7402field", confidence },
      ]);
      await alice.cannotProve(VERIFIER, "batch_verify", ...batch);
    }
    // 2^32 is no u32 at all.
    await assert.rejects(
      world.authorize(
        alice.client.account,
        VERIFIER,
        "verify_execution",
        execution("401field", "7401field", 2n ** 32n),
      ),
    );
    await alice.does(VERIFIER, "verify_execution", ...execution("401field", "7401field", 5000));
    await alice.does(VERIFIER, "verify_execution", ...execution("401field", "7402field", 10_000));
    assert.equal((await world.entry(VERIFIER, "executions", "7401field")).trust, "6000u32");
    assert.equal((await world.entry(VERIFIER, "executions", "7402field")).trust, "10000u32");
    // 6,000 is below the threshold of 7,000.
    await eve.isRejected(/trust/, VERIFIER, "is_trusted", "401field", "7401field");
    await eve.wouldBeAccepted(VERIFIER, "is_trusted", "401field", "7402field");
    await eve.wouldBeRejected(/agent/, VERIFIER, "is_trusted", "402field", "7402field");
  });

  it("an execution is verified once, whoever tries again, and by the agent's owner alone", async () => {
    const call = (agent: string, id: string): [string, ...string[]] => [
      "verify_execution",
      ...execution(agent, id, 8000),
    ];
    await eve.isRejected(/holder/, VERIFIER, ...call("401field", "7403field"));
    await eve.wouldBeRejected(/agents/, VERIFIER, ...call("499field", "7403field"));
    await alice.does(VERIFIER, ...call("401field", "7403field"));
    await alice.isRejected(/executions/, VERIFIER, ...call("401field", "7403field"));
    await bob.isRejected(/executions/, VERIFIER, ...call("402field", "7403field"));
    await alice.cannotProve(VERIFIER, ...call("401field", "0field"));
    assert.equal((await world.entry(VERIFIER, "executions", "7403field")).agent, "401field");
  });

  it("a batch has one to five executions, all or none, and padding that is nothing", async () => {
    const ok = { id: "7404field", confidence: 8000 };
    const five = [0, 1, 2, 3, 4].map((index) => ({ id: `${74050 + index}field`, confidence: 6000 + index }));
    for (const [entries, count] of [
      [[ok], 0],
      [five, 6],
      [five, 255],
      [[ok, { id: "7405field", confidence: 0 }], 1],
      [[ok, { id: "0field", confidence: 8000 }], 1],
      [[ok, { id: "0field", confidence: 8000 }], 2],
      [[ok, { id: "7405field", confidence: 4999 }], 2],
    ] as const) {
      await alice.cannotProve(VERIFIER, "batch_verify", ...executions("401field", entries, count));
    }
    const six = executions("401field", [...five, ok], 6, 6);
    await assert.rejects(world.authorize(alice.client.account, VERIFIER, "batch_verify", six));
    // One that was verified before, or twice in the batch, fails the others with it.
    await alice.does(VERIFIER, "verify_execution", ...execution("401field", "7404field", 8000));
    const count = await world.value(VERIFIER, "verified_count", "401field");
    const withUsed = executions("401field", [...five.slice(0, 4), ok]);
    await alice.isRejected(/executions/, VERIFIER, "batch_verify", ...withUsed);
    const twice = executions("401field", [...five.slice(0, 2), ...five.slice(0, 1)]);
    await alice.wouldBeRejected(/executions/, VERIFIER, "batch_verify", ...twice);
    assert.equal(await world.value(VERIFIER, "executions", "74050field"), undefined);
    assert.equal(await world.value(VERIFIER, "verified_count", "401field"), count);
    await alice.does(VERIFIER, "batch_verify", ...executions("401field", five));
    assert.equal((await world.entry(VERIFIER, "executions", "74054field")).trust, "7004u32");
  });

  it("an agent that is inactive, or was handed on, verifies nothing for its old owner", async () => {
    await eve.does(REGISTRY, "register_agent", "403field", metrics(), SALT, "5000u64");
    await eve.does(VERIFIER, "verify_execution", ...execution("403field", "7406field", 9000));
    await eve.does(REGISTRY, "deactivate_agent", "403field");
    await eve.isRejected(/active/, VERIFIER, "verify_execution", ...execution("403field", "7407field", 9000));
    // Nor does what it had verified count while it is inactive.
    await alice.wouldBeRejected(/active/, VERIFIER, "is_trusted", "403field", "7406field");
    await alice.wouldBeRejected(/active/, VERIFIER, "registry_matches", "403field", "1u32");
    await eve.does(REGISTRY, "transfer_agent", "403field", bob.address);
    await bob.does(REGISTRY, "activate_agent", "403field");
    await eve.wouldBeRejected(
      /holder/,
      VERIFIER,
      "verify_execution",
      ...execution("403field", "7407field", 9000),
    );
    await bob.wouldBeAccepted(VERIFIER, "verify_execution", ...execution("403field", "7407field", 9000));
    await alice.wouldBeAccepted(VERIFIER, "registry_matches", "403field", "8500u32");
    await alice.isRejected(/score/, VERIFIER, "registry_matches", "403field", "8501u32");
  });

  it("high trust wants an attestation: by the attestor, unexpired, unrevoked, while the attestor is not paused", async () => {
    const high = (id: string): [string, ...string[]] => [
      "verify_high_trust",
      ...execution("401field", id, 8000),
    ];
    const height = await world.ledger.height();
    await alice.isRejected(/attestations/, VERIFIER, ...high("7408field"));
    // Nobody attests for itself, not even the admin; and not for ever, nor for the past.
    await alice.isRejected(/roles\[2u8\]/, VERIFIER, ...attest("401field", height + 500));
    await admin.wouldBeRejected(/roles\[2u8\]/, VERIFIER, ...attest("401field", height + 500));
    await attestor.wouldBeRejected(/height|lte|gt|assert/, VERIFIER, ...attest("401field", height));
    await attestor.wouldBeRejected(/height|lte|gt|assert/, VERIFIER, ...attest("401field", height + 2000));
    await attestor.wouldBeRejected(/agents/, VERIFIER, ...attest("499field", height + 500));
    const soon = (await world.ledger.height()) + 6;
    await attestor.does(VERIFIER, ...attest("401field", soon));
    await alice.wouldBeAccepted(VERIFIER, ...high("7408field"));
    await bob.wouldBeRejected(
      /attestations/,
      VERIFIER,
      "verify_high_trust",
      ...execution("402field", "7408field", 8000),
    );
    await world.devnode.advance(6);
    await alice.isRejected(/expires_at/, VERIFIER, ...high("7408field"));
    await attestor.does(VERIFIER, ...attest("401field", soon + 500));
    await alice.does(VERIFIER, ...high("7408field"));
    assert.equal((await world.entry(VERIFIER, "executions", "7408field")).attested, "true");
    await admin.does(VERIFIER, "pause_attestor");
    await alice.isRejected(/attestor_paused/, VERIFIER, ...high("7409field"));
    await attestor.wouldBeRejected(/attestor_paused/, VERIFIER, ...attest("402field", soon + 500));
    // An attestor that is paused can still take back.
    await eve.wouldBeRejected(/roles/, VERIFIER, "revoke_attestation", "401field");
    await attestor.wouldBeAccepted(VERIFIER, "revoke_attestation", "401field");
    await admin.does(VERIFIER, "unpause_attestor");
    await alice.wouldBeAccepted(VERIFIER, ...high("7409field"));
    await attestor.does(VERIFIER, "revoke_attestation", "401field");
    await alice.isRejected(/attestations/, VERIFIER, ...high("7409field"));
  });

  it("what an attestor wrote who was replaced counts no longer", async () => {
    const height = await world.ledger.height();
    await attestor.does(VERIFIER, ...attest("402field", height + 500));
    const high = ["verify_high_trust", ...execution("402field", "7410field", 8000)] as const;
    await bob.wouldBeAccepted(VERIFIER, ...high);
    await admin.does(VERIFIER, "set_attestor", eve.address);
    await bob.isRejected(/attestor/, VERIFIER, ...high);
    await attestor.wouldBeRejected(/roles/, VERIFIER, ...attest("402field", height + 500));
    await attestor.wouldBeRejected(/roles/, VERIFIER, "revoke_attestation", "402field");
    await eve.wouldBeAccepted(VERIFIER, "revoke_attestation", "402field");
  });
});
