import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { contractOf, readDeploymentFile } from "../../../src/chain/deployment.ts";
import { RpcPool } from "../../../src/chain/relay/pool.ts";
import { Endpoint } from "../../../src/chain/relay/rpc.ts";
import { toHex } from "../../../src/core/bytes.ts";
import { streamId } from "../../../src/core/log/index.ts";
import { RotationRecords } from "../../../src/keys/index.ts";
import type { ProbeParts } from "../../../src/ops/probes/index.ts";
import { closeDue, computeInThread } from "../../../src/sequencer/batches/index.ts";
import { LyingNode } from "../../services/relayer/lying-node.ts";
import { makeWorld, type World } from "../../services/relayer/world.ts";
import {
  type World as Sequencer,
  startWorld as startSequencer,
  type Tenant,
} from "../../services/sequencer/world.ts";
import { type Batch, batchAfter } from "../../support/contracts/registry.ts";
import { found, probeOf } from "./support.ts";

describe("probes of log and chain together", () => {
  let world: World;
  let sequencer: Sequencer;
  let node: LyingNode;
  let tenant: Tenant;
  let stream: string;
  let parts: ProbeParts;

  before(async () => {
    [world, sequencer] = await Promise.all([makeWorld(), startSequencer()]);
    node = await LyingNode.start(world.node);
    tenant = await sequencer.newTenant();
    stream = toHex(streamId(tenant.tenant, tenant.storeId));
    const { admin, anchorer } = world.system.actors;
    await world.system.registry.connect(admin).openStream(stream, anchorer.address, 0);
    const tokenFile = join(world.folder, "reader");
    writeFileSync(tokenFile, `${tenant.credential}\n`, { mode: 0o600 });
    const read = readDeploymentFile(join(world.folder, "deployment.json"));
    const registry = contractOf(read, "registry");
    const contracts = { ...read.contracts, timelock: registry, circuitVerifier: registry };
    const identity = { chainId: BigInt(read.chainId), genesisHash: read.genesisHash };
    parts = {
      chain: {
        pool: new RpcPool([new Endpoint(0, node.url, 5_000)], 1, identity, { fault: () => {} }),
        deployment: { ...read, contracts },
      },
      logs: [{ url: sequencer.url(), tenant: tenant.tenant, store: tenant.storeId, token_file: tokenFile }],
    };
  });
  after(async () => {
    await node?.close();
    await sequencer?.close();
    await world?.close();
  });

  async function newestBatch() {
    const { body } = await sequencer.call(`/v1/stores/${tenant.storeId}/batches`, {
      credential: tenant.credential,
    });
    return body.batches.at(-1);
  }

  async function closeBatch(): Promise<void> {
    await closeDue({
      db: sequencer.store.as("anchor"),
      limits: { size: 1_000, age: 0 },
      compute: computeInThread,
      now: Date.now,
      closed: () => undefined,
    });
  }

  async function anchorNewest(): Promise<void> {
    const batch = await newestBatch();
    const [startSequence, endSequence] = [BigInt(batch.start_sequence), BigInt(batch.end_sequence)];
    await anchor({
      startSequence,
      endSequence,
      count: endSequence - startSequence + 1n,
      batchRoot: batch.batch_root,
      factsRoot: batch.facts_root,
      logRoot: batch.log_root,
    });
  }

  async function anchor(batch: Batch): Promise<void> {
    const { registry, actors } = world.system;
    const { stateRoot } = await registry.head(stream);
    await registry.connect(actors.anchorer).anchor(stream, batch, stateRoot);
  }

  it("anchor-late: counts from when the oldest event that waits was taken in, until it is anchored", async () => {
    await sequencer.send(tenant);
    const at = (seconds: number) =>
      probeOf("anchor-late", { anchor_late: 1_800 }, { ...parts, now: () => Date.now() + seconds * 1_000 });
    expect(await found(at(0), stream)).to.include({ breached: false });
    const late = await found(at(1_900), stream);
    expect(late.breached).to.equal(true);
    expect(late.value).to.be.within(1_900, 1_960);
    await closeBatch();
    expect((await found(at(1_900), stream)).breached).to.equal(true);
    await anchorNewest();
    expect(await found(at(1_900), stream)).to.include({ breached: false, value: 0 });
  });

  it("keys-due: the log's own keys after 180 days and agents' after 90, and none has ended when the log is away", async () => {
    let days = 0;
    let away = false;
    const gateway = createServer(async (request, response) => {
      if (away) return void response.writeHead(503).end();
      const { authorization = "" } = request.headers;
      const answer = await fetch(`${sequencer.url()}${request.url}`, { headers: { authorization } });
      response.writeHead(answer.status).end(await answer.text());
    });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    try {
      const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
      const records = new RotationRecords(world.folder);
      const probe = probeOf(
        "keys-due",
        {},
        {
          logs: parts.logs?.map((log) => ({ ...log, url })),
          keys: { keys: sequencer.keys, records, schedule: {} },
          now: () => Date.now() + days * 86_400_000,
        },
      );
      const breaches = async () =>
        (await probe.look()).filter(({ breached }) => breached === true).map(({ subject }) => subject);
      const agentKey = `${tenant.storeId} ${tenant.agent.id} 1`;
      expect(await found(probe, "proofx.test receipt 1")).to.include({ breached: false, value: 0 });
      days = 89;
      expect(await breaches()).to.deep.equal([]);
      days = 91;
      expect(await breaches()).to.deep.equal([agentKey]);
      expect((await found(probe, agentKey)).summary).to.match(
        /is 91 days old, OVERDUE since .* \(agents, 90 days\)$/,
      );
      away = true;
      expect((await found(probe, agentKey)).breached).to.equal(undefined);
      expect(await breaches()).to.deep.equal([]);
      away = false;
      days = 181;
      expect(await breaches()).to.have.members([
        ...["registrar", "receipt", "checkpoint"].map((purpose) => `proofx.test ${purpose} 1`),
        agentKey,
      ]);
    } finally {
      gateway.close();
    }
  });

  it("heads-apart: well while the chain's head is a batch of the log, also when the log is ahead", async () => {
    const probe = probeOf("heads-apart", {}, parts);
    expect(await found(probe, stream)).to.include({ breached: false, value: 0 });
    await sequencer.send(tenant);
    await closeBatch();
    expect(await found(probe, stream)).to.include({ breached: false, value: 1 });
  });

  it("heads-apart: unknown while the log does not answer, or its credential is no longer good", async () => {
    const [log] = parts.logs ?? [];
    if (log === undefined) throw new Error("no log");
    const silent = probeOf("heads-apart", {}, { ...parts, logs: [{ ...log, url: "http://127.0.0.1:9" }] });
    expect((await found(silent, stream)).breached).to.equal(undefined);
    const token = join(world.folder, "no-reader");
    writeFileSync(token, "px_test_aaaaaaaaaaaa_nobody\n", { mode: 0o600 });
    const refused = await found(
      probeOf("heads-apart", {}, { ...parts, logs: [{ ...log, token_file: token }] }),
      stream,
    );
    expect(refused.breached).to.equal(undefined);
    expect(refused.summary).to.include("401").and.not.to.include("px_test");
  });

  it("heads-apart: a batch on the chain with other roots than the log's, and one that the log lacks", async () => {
    const { registry } = world.system;
    const probe = probeOf("heads-apart", {}, parts);
    const { end } = await registry.head(stream);
    const { end_sequence } = await newestBatch();
    const forged = batchAfter(end, BigInt(end_sequence) - end);
    await anchor(forged);
    const other = await found(probe, stream);
    expect(other.breached).to.equal(true);
    expect(other.summary).to.include("different state roots");
    await anchor(batchAfter(BigInt(end_sequence), 5n));
    const lacking = await found(probe, stream);
    expect(lacking.breached).to.equal(true);
    expect(lacking.summary).to.include("no batch of the log does");
  });
});
