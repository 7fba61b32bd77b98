import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Loop } from "../../../src/chain/relay/loop.ts";
import { logReader } from "../../../src/cli/watcher/logs.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { proveAgentKey } from "../../../src/core/log/index.ts";
import type { Alert } from "../../../src/ops/alerts/index.ts";
import { CheckpointFile } from "../../../src/ops/watcher/checkpoint.ts";
import { LogWatch, logState } from "../../../src/ops/watcher/log-watch.ts";
import { openPglite } from "../../../src/sequencer/store/index.ts";
import { open, PASSPHRASE } from "../../keys/support.ts";
import { eventOf, newSigner } from "../../sequencer/ingest/support.ts";
import { type ProofxService, proofx, startProofx } from "../../support/proofx.ts";
import { newCredential } from "../sequencer/world.ts";
import { PAYMENT } from "./payment-rule.ts";
import { until } from "./world.ts";

describe("The log is followed as it grows", function () {
  this.timeout(120_000);
  const stream = { tenant: randomUUID(), storeId: randomUUID() };
  const agent = { id: randomUUID(), keyId: 1, signer: newSigner() };
  let folder: string;
  let credential: string;
  let service: ProofxService | undefined;
  let port = 0;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-watcher-tail-"));
    writeFileSync(join(folder, "passphrase"), PASSPHRASE, { mode: 0o600 });
    // Made here with as good as no scrypt, since every start opens them; log init finds them.
    const keys = open(join(folder, "keys"));
    for (const name of ["registrar", "receipt", "checkpoint"]) await keys.create(name, "ed25519");
    await keys.create("log-master", "aes-256");
    const made = await proofx(["log", "init", "--config", config()], environment());
    expect(made.code, made.stderr).to.equal(0);
    const store = await openPglite(join(folder, "log"));
    await store
      .as("keeper")
      .transaction(null, (sql) =>
        sql.query("INSERT INTO proofx.tenants VALUES ($1, 'tenant', 1)", [stream.tenant]),
      );
    credential = await newCredential(store, stream.tenant, "admin");
    await store.close();
    writeFileSync(join(folder, "token"), credential, { mode: 0o600 });
    await start();
    await post("", {});
    const { tenant: tenantId, storeId } = stream;
    const proof = await proveAgentKey({ tenantId, storeId, agentId: agent.id, keyId: 1 }, agent.signer);
    const body = { key_id: 1, public_key: toHex(agent.signer.publicKey), proof: toHex(proof) };
    await post(`/agents/${agent.id}/keys`, body);
  });
  after(async () => {
    await service?.end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = () => ({
    PROOFX_KEYS: join(folder, "keys"),
    PROOFX_PASSPHRASE_FILE: join(folder, "passphrase"),
    DATABASE_URL: undefined,
  });
  /** The port it first had is the one that its clients know. */
  function config(): string {
    const file = join(folder, "proofx.toml");
    writeFileSync(
      file,
      `[log]\n[sequencer]\nlog_name = "log.test"\ncheckpoint_interval = 50\n[sequencer.http]\nport = ${port}
[store]\nfolder = "${join(folder, "log")}"\n[keys]\nwork_factor = 10\n`,
    );
    return file;
  }
  async function start(): Promise<void> {
    service = await startProofx(["sequencer", "--config", config()], environment());
    port = Number(new URL(service.url).port);
  }
  async function post(path: string, body: object): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/stores/${stream.storeId}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${credential}`, "content-type": "application/json" },
    });
    expect(answer.status, await answer.text()).to.be.lessThan(300);
  }
  const send = async (count: number) => {
    for (let i = 0; i < count; i++)
      await post("/events", await eventOf(stream, agent, { eventType: "payment.sent" }));
  };

  /** Follows the stream from its beginning until it is stopped. */
  function follow() {
    const told: string[] = [];
    const seen = { pages: 0, tail: 0, broke: 0 };
    const watch = new LogWatch({
      reader: logReader({
        url: `http://127.0.0.1:${port}`,
        tenant: stream.tenant,
        store: stream.storeId,
        token_file: join(folder, "token"),
      }),
      rules: [PAYMENT],
      alerts: {
        raise: async (alerts: readonly Alert[]) => void told.push(...alerts.map(({ key }) => key)),
      },
      checkpoint: CheckpointFile.open(join(folder, "checkpoint"), "log", logState),
      fromSequence: 1n,
      folder,
      stay: 600_000,
      delivered: (events, way) => (seen[way] += events),
      broke: () => (seen.broke += 1),
      now: Date.now,
    });
    const loop: Loop = new Loop({
      poll: 50,
      round: async (stop) => {
        if (await watch.round(stop)) loop.wake();
      },
      troubled: () => undefined,
    });
    loop.start();
    return { told, seen, watch, stop: () => loop.stop() };
  }

  it("what comes is told at once, and through a sequencer that is killed nothing is left out or told twice", async () => {
    const { told, seen, watch, stop } = follow();
    const arrives = async (count: number) => {
      const all = told.length + count;
      await send(count);
      await until(
        () => told.length >= all,
        () => told,
      );
    };
    try {
      // The stream and the key are events 1 and 2.
      await until(
        () => watch.sequence === 2n,
        () => String(watch.sequence),
      );
      await arrives(3);
      expect(seen.tail, "as they came").to.be.greaterThan(0);
      expect(await service?.end("SIGKILL")).to.equal("SIGKILL");
      await until(
        () => seen.broke > 0,
        () => "the end was not noticed",
      );
      await start();
      await arrives(4);
      const before = seen.tail;
      await arrives(2);
      await arrives(2);
      expect(seen.tail, "and again as they come").to.be.greaterThan(before);
    } finally {
      await stop();
    }
    expect(told).to.deep.equal(
      Array.from({ length: 11 }, (_, index) => `PaymentSent/log/${stream.storeId}/${index + 3}`),
    );
  });
});
