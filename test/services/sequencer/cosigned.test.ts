import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { fromHex } from "../../../src/core/bytes.ts";
import {
  parseNote,
  parseVerifierKey,
  SIGNATURE_TYPE,
  verifierKey,
  verifyCosignature,
} from "../../../src/core/log/index.ts";
import { createLog } from "../../../src/services/support/log.ts";
import type { RunningService } from "../../../src/services/support/run.ts";
import { startWitness, witnessVerifierKey } from "../../../src/services/witness/service.ts";
import { witnessSection } from "../../../src/services/witness/settings.ts";
import { describeOnEither } from "../../sequencer/support.ts";
import { startWorld, type Tenant, type World } from "./world.ts";

describeOnEither("A sequencer with a witness", function (kind) {
  this.timeout(120_000);
  let world: World;
  let ours: Tenant;
  let witness: RunningService;
  let folder: string;
  let vkey: string;
  const newestNote = async () =>
    (await world.call(`/v1/stores/${ours.storeId}/checkpoint`, { credential: ours.credential })).text;
  const cosigned = async () => {
    while (!(await newestNote()).includes("— witness.example/w1 "))
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const restart = (witnessed: boolean) =>
    world.restart({ witnesses: witnessed ? [{ url: witness.url, key: vkey }] : [] });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-cosigned-"));
    world = await startWorld({}, kind);
    ours = await world.newTenant();
  });
  after(async () => {
    await world?.close();
    await witness?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("publishes checkpoints with the witness's cosignature, the last one of a quiet stream too", async () => {
    const { keys } = (await world.call("/v1/keys")).body;
    const { public_key } = keys.find(({ purpose }: { purpose: string }) => purpose === "checkpoint");
    const [{ origin }] = (await world.call("/v1/stores", { credential: ours.credential })).body.stores;
    const publicKey = fromHex("key", public_key, 32);
    await world.keys.create("witness", "ed25519");
    const settings = witnessSection.parse({
      name: "witness.example/w1",
      folder: join(folder, "state"),
      logs: [{ origin, keys: [verifierKey({ name: origin, publicKey, type: SIGNATURE_TYPE.note })] }],
      http: { port: 0, stop_timeout: 1 },
    });
    witness = await startWitness(settings, createLog("witness", "silent"), world.keys);
    vkey = await witnessVerifierKey(settings, world.keys);
    await restart(true);
    for (let round = 0; round < 2; round++) {
      const { sequence_number: size } = (await world.send(ours)).body;
      // Asked for at once: a checkpoint that was not published by the clock is cosigned like any other.
      await cosigned();
      const parsed = parseNote(await newestNote());
      expect(parsed.text.split("\n")[1]).to.equal(size);
      verifyCosignature(parsed, parseVerifierKey(vkey));
    }
    const { text } = await world.call("/metrics");
    expect(text).to.match(/proofx_sequencer_witness_answers_total\{outcome="cosigned"[^}]*\} [2-9]/);
  });

  it("asks after its start about the checkpoint that the process before it left without a cosignature", async () => {
    await restart(false);
    await world.send(ours);
    expect(await newestNote()).not.to.contain("— witness.example/w1 ");
    await restart(true);
    await cosigned();
    expect((await world.call("/ready")).text).not.to.contain("witness.example/w1");
  });

  it("is not ready once it lacks what its witness has cosigned", async () => {
    const { sequence_number: first } = (await world.send(ours)).body;
    await world.send(ours);
    await cosigned();
    await world.store.as("owner").transaction(null, async (sql) => {
      for (const [table, column] of [
        ["cosignatures", "size"],
        ["checkpoints", "size"],
        ["events", "sequence"],
      ])
        await sql.query(`DELETE FROM proofx.${table} WHERE store_id = $1 AND ${column} >= $2`, [
          ours.storeId,
          BigInt(first),
        ]);
      await sql.query("UPDATE proofx.streams SET head = $2 WHERE store_id = $1", [
        ours.storeId,
        BigInt(first) - 1n,
      ]);
    });
    await restart(true);
    await world.send(ours);
    await newestNote();
    const ready = async () => (await world.call("/ready")).text;
    while (!(await ready()).includes("witness.example/w1"))
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await ready()).to.contain("it lost its end");
  });
});
