import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { archivePayloads } from "../../../src/sequencer/archive/index.ts";
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
    async function tampered(change: string | string[], undo: string | string[]): Promise<string> {
      const owner = log.store.as("owner");
      const here = `tenant_id = '${log.tenant}' AND store_id = '${log.storeId}'`;
      const run = (texts: string | string[]) =>
        owner.transaction(null, async (sql) => {
          for (const text of [texts].flat()) await sql.query(text.replaceAll("OURS", here));
        });
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

    describe("when its older payloads were archived", () => {
      const folder = mkdtempSync(join(tmpdir(), "proofx-verify-"));
      const FLIP =
        "UPDATE proofx.events SET agent_signature = set_byte(agent_signature, 5, get_byte(agent_signature, 5) # 1)";
      const empty = (sequence: number): string[] => [
        `CREATE TABLE public.kept AS SELECT * FROM proofx.events WHERE OURS AND sequence = ${sequence}`,
        `UPDATE proofx.events SET payload = '' WHERE OURS AND sequence = ${sequence}`,
      ];
      const REFILL = [
        "UPDATE proofx.events e SET payload = k.payload FROM public.kept k WHERE e.event_id = k.event_id",
        "DROP TABLE public.kept",
      ];
      before(async () => {
        const stream = { tenant: log.tenant, store: log.storeId };
        await archivePayloads(log.store, { stream, through: 120n, folder });
        const agent = await log.newAgent();
        for (let i = 301; i < 304; i++) await submit(agent, i);
        await publish();
      });
      after(() => rmSync(folder, { recursive: true, force: true }));

      it("holds, goes on, and counts them", async () => {
        const report = await verify();
        expect(report.fault).to.equal(undefined);
        const [stream] = report.streams;
        // The opening and two registrations at the stream's beginning keep their payloads.
        expect(stream).to.include({ events: 311n, archived: 117n, checkpoints: 3n });
        expect((stream?.payloads ?? 0n) + (stream?.erased ?? 0n)).to.equal(194n);
        expect(describeReport(report, 1).lines[0]).to.contain(" erased, 117 archived)");
      });

      it("holds without payloads, too, and counts them", async () => {
        const { streams, fault } = await verify(false);
        expect(fault).to.equal(undefined);
        expect(streams[0]).to.include({ archived: 117n, payloads: 0n });
      });

      for (const [what, found, change, undo] of [
        ["a signature", "event 40 agent_signature", [`${FLIP} WHERE OURS AND sequence = 40`]],
        [
          "a header",
          "event 40 signing_hash",
          ["UPDATE proofx.events SET entity_id = entity_id || 'x' WHERE OURS AND sequence = 40"],
          ["UPDATE proofx.events SET entity_id = left(entity_id, -1) WHERE OURS AND sequence = 40"],
        ],
        [
          "the hash of a payload",
          "event 40 signing_hash",
          [
            "UPDATE proofx.events SET payload_plain_hash = set_byte(payload_plain_hash, 0, get_byte(payload_plain_hash, 0) # 1) WHERE OURS AND sequence = 40",
          ],
        ],
        ["a payload outside of the range emptied", "event 121 payload", empty(121), REFILL],
        ["a registrar's payload within it emptied", "event 2 payload", empty(2), REFILL],
        [
          "the archive's range shortened",
          "event 120 payload",
          ["UPDATE proofx.archives SET end_sequence = 119 WHERE OURS"],
          ["UPDATE proofx.archives SET end_sequence = 120 WHERE OURS"],
        ],
      ] as [string, string, string[], string[]?][])
        it(`finds ${what}`, async () => {
          expect(await tampered(change, undo ?? change)).to.equal(found);
        });
    });
  });
}
