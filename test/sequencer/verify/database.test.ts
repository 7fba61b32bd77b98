import { expect } from "chai";
import { atRestSettings, Keeper, Keyring } from "../../../src/sequencer/at-rest/index.ts";
import { closeDue, computeInThread } from "../../../src/sequencer/batches/index.ts";
import { rotateServiceKey } from "../../../src/sequencer/identity/index.ts";
import { Checkpointer, LogReader } from "../../../src/sequencer/tree/index.ts";
import {
  databaseSource,
  describeReport,
  type LogReport,
  verifyLog,
} from "../../../src/sequencer/verify/index.ts";
import { eventOf, startLog, type TestLog } from "../ingest/support.ts";
import { KINDS } from "../support.ts";

for (const kind of KINDS) {
  describe(`log verify on ${kind}`, function () {
    this.timeout(60_000);
    let log: TestLog;
    before(async () => {
      log = await startLog(kind);
      const first = await log.newAgent();
      const second = await log.newAgent();
      await Promise.all(Array.from({ length: 300 }, (_, i) => submit(i % 2 === 0 ? first : second, i)));
      await rotateServiceKey(log, "receipt");
      await rotateServiceKey(log, "checkpoint");
      await publish();
      await log.agents.revoke({
        tenant: log.tenant,
        store: log.storeId,
        agent: first.id,
        keyId: 1,
        reason: "lost",
      });
      await submit(second, 300);
      await publish();
      await new Keeper(log.store.as("keeper"), log.keys, "log-master").erase(log.tenant, first.id);
      await closeDue({
        db: log.store.as("anchor"),
        limits: { size: 100, age: Number.MAX_SAFE_INTEGER },
        compute: computeInThread,
        now: Date.now,
        closed: () => undefined,
      });
    });
    after(() => log?.close());

    const submit = async (agent: Awaited<ReturnType<TestLog["newAgent"]>>, i: number): Promise<void> => {
      const fields = { entityId: String(i % 7), payload: { n: i } };
      await log.ingest.submit({ tenant: log.tenant }, log.storeId, await eventOf(log, agent, fields));
    };

    async function publish(): Promise<void> {
      const database = log.store.as("app");
      await new Checkpointer({
        database,
        reader: new LogReader(database),
        logName: log.identity.logName,
        signer: () => log.signers.active("checkpoint"),
        publicKeys: async () => [(await log.signers.active("checkpoint")).publicKey],
      }).publish({ tenant: log.tenant, store: log.storeId });
    }

    async function verify(withPayloads = true): Promise<LogReport> {
      const db = log.store.as("keeper");
      const keyring = new Keyring(db, log.keys, atRestSettings.parse({}));
      return await verifyLog({
        source: databaseSource(db),
        store: log.storeId,
        open: withPayloads ? (record, sealed) => keyring.open(record, sealed) : undefined,
      });
    }

    /** Changes rows as whoever owns the database, and puts them back. */
    async function tampered(change: string, undo: string): Promise<string> {
      const owner = log.store.as("owner");
      const here = `tenant_id = '${log.tenant}' AND store_id = '${log.storeId}'`;
      const run = (text: string) =>
        owner.transaction(null, (sql) => sql.query(text.replaceAll("OURS", here)).then(() => undefined));
      await run(change);
      try {
        const { fault } = await verify();
        return fault === undefined ? "nothing" : `${fault.kind} ${fault.entry} ${fault.field}`;
      } finally {
        await run(undo);
      }
    }

    it("holds through rotations, a revocation and an erasure; what it read is told", async () => {
      const report = await verify();
      expect(report.fault).to.equal(undefined);
      const [stream] = report.streams;
      expect(stream).to.include({
        events: 307n,
        erased: 150n,
        payloads: 157n,
        checkpoints: 2n,
        tiles: 1n,
        batches: 3n,
      });
      expect(describeReport(report, 1).exitCode).to.equal(0);
    });

    it("holds without payloads, too", async () => {
      expect((await verify(false)).fault).to.equal(undefined);
    });

    for (const [what, found, change, undo] of [
      [
        "an agent's signature",
        "event 40 agent_signature",
        "UPDATE proofx.events SET agent_signature = set_byte(agent_signature, 5, get_byte(agent_signature, 5) # 1) WHERE OURS AND sequence = 40",
      ],
      [
        "a payload of an agent that is not erased",
        "event 307 payload",
        "UPDATE proofx.events SET payload = set_byte(payload, 90, get_byte(payload, 90) # 1) WHERE OURS AND sequence = 307",
      ],
      [
        "a time that a receipt was given for",
        "event 9 receipt_signature",
        "UPDATE proofx.events SET sequenced_at = sequenced_at # 1 WHERE OURS AND sequence = 9",
      ],
      [
        "a tile",
        "tile 0/0 hashes",
        "UPDATE proofx.log_tiles SET hashes = set_byte(hashes, 7000, get_byte(hashes, 7000) # 1) WHERE OURS",
      ],
      [
        "a batch's state root",
        "batch 2 state_root",
        "UPDATE proofx.batches SET state_root = set_byte(state_root, 0, get_byte(state_root, 0) # 1) WHERE OURS AND batch_index = 2",
      ],
      [
        "when a key was revoked",
        "key",
        "UPDATE proofx.agent_keys SET revoked_at = revoked_at # 1 WHERE OURS AND revoked_at IS NOT NULL",
      ],
    ] as [string, string, string, string?][])
      it(`finds ${what} that whoever owns the database changed`, async () => {
        expect(await tampered(change, undo ?? change)).to.contain(found);
      });
  });
}
