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
import { startWorld, type Tenant, type World } from "./world.ts";

describe("A sequencer with a witness", function () {
  this.timeout(120_000);
  let world: World;
  let ours: Tenant;
  let witness: RunningService;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-cosigned-"));
    world = await startWorld();
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
    const vkey = await witnessVerifierKey(settings, world.keys);
    await world.restart({ witnesses: [{ url: witness.url, key: vkey }] });
    for (let round = 0; round < 2; round++) {
      const { sequence_number: size } = (await world.send(ours)).body;
      // Asked for at once: a checkpoint that was not published by the clock is cosigned like any other.
      const note = async () =>
        (await world.call(`/v1/stores/${ours.storeId}/checkpoint`, { credential: ours.credential })).text;
      while (!(await note()).includes("— witness.example/w1 "))
        await new Promise((resolve) => setTimeout(resolve, 20));
      const parsed = parseNote(await note());
      expect(parsed.text.split("\n")[1]).to.equal(size);
      verifyCosignature(parsed, parseVerifierKey(vkey));
    }
    const { text } = await world.call("/metrics");
    expect(text).to.match(/proofx_sequencer_witness_answers_total\{outcome="cosigned"[^}]*\} [2-9]/);
  });
});
