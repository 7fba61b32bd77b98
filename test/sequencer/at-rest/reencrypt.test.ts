import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { CheckError, InputError, RefusedError } from "../../../src/core/errors.ts";
import {
  dataKeyIdOf,
  isSse2,
  Keeper,
  Keyring,
  proofAad,
  readLegacyKeys,
  reencrypt,
} from "../../../src/sequencer/at-rest/index.ts";
import { rejection, temporaryFolder } from "../../keys/support.ts";
import { emptyStore, KINDS, type TestStore } from "../support.ts";
import {
  AGENT,
  addProof,
  append,
  clear,
  MASTER,
  masterKeys,
  OTHER,
  openStreams,
  payloadAt,
  plain,
  proofPlace,
  read,
  SECOND,
  SETTINGS,
  sealedBy,
  sse1,
  stored,
  TENANT,
} from "./support.ts";

const OWNER = { tenant: TENANT, agent: AGENT };
const LEGACY = new Uint8Array(32).fill(11);
const OLDER_LEGACY = new Uint8Array(32).fill(12);

for (const kind of KINDS) {
  describe(`log reencrypt on ${kind}`, function () {
    this.timeout(60_000);
    let test: TestStore;
    let masters: Awaited<ReturnType<typeof masterKeys>>;
    before(async () => {
      test = await emptyStore(kind);
      masters = await masterKeys(MASTER);
    });
    after(async () => {
      await test?.close();
      masters?.close();
    });
    beforeEach(() => openStreams(test.store));
    afterEach(() => clear(test.store));

    const keyring = (settings = SETTINGS) => new Keyring(test.store.as("keeper"), masters.keys, settings);
    const keeper = () => new Keeper(test.store.as("keeper"), masters.keys, MASTER);
    const run = (options: Partial<Parameters<typeof reencrypt>[2]> = {}, ring = keyring()) =>
      reencrypt(test.store.as("keeper"), ring, {
        legacyKeys: [LEGACY, OLDER_LEGACY],
        dryRun: false,
        batch: 3,
        ...options,
      });
    const everything = () =>
      test.store
        .as("keeper")
        .transaction(null, async (sql) => [
          await sql.query("SELECT tenant_id, sequence, payload FROM proofx.events ORDER BY 1, 2"),
          await sql.query("SELECT proof FROM proofx.compliance_proofs ORDER BY proof_id"),
          await sql.query("SELECT * FROM proofx.data_keys ORDER BY 1"),
          await sql.query("SELECT * FROM proofx.keeper_jobs"),
        ]);

    /** Records of every form there is: the older format under two keys, plain, an older data key, the newest, an erased agent's. */
    const seed = async () => {
      await append(test.store, OWNER, [1n, 2n], sse1(LEGACY));
      await append(test.store, OWNER, [3n], sse1(OLDER_LEGACY));
      await append(test.store, OWNER, [4n, 5n], plain);
      await append(test.store, OWNER, [6n, 7n, 8n, 9n], sealedBy(keyring()));
      for (const [n, form] of [
        [1n, sse1(LEGACY)],
        [2n, plain],
        [6n, sealedBy(keyring())],
      ] as const)
        await addProof(test.store, OWNER, n, form);
      await append(test.store, { tenant: TENANT, agent: SECOND }, [10n], sealedBy(keyring()));
      await append(test.store, { tenant: OTHER, agent: SECOND }, [1n], sealedBy(keyring()));
      await keeper().erase(TENANT, SECOND);
      await keeper().rotateAgent(TENANT, AGENT);
      await append(test.store, OWNER, [11n], sealedBy(keyring()));
    };
    const events = { table: "events", rows: 12, changed: { sse1: 3, plain: 2, olderKey: 4 }, erased: 1 };
    const proofs = {
      table: "compliance_proofs",
      rows: 3,
      changed: { sse1: 1, plain: 1, olderKey: 1 },
      erased: 0,
    };
    const none = { count: 0, first: [] };

    it("seals every record with its agent's newest key, in whichever form it was, and counts none left", async () => {
      await seed();
      const seen: string[] = [];
      const results = await run({ onBatch: (done, total) => seen.push(`${done}/${total}`) });
      expect(results).to.deep.equal([
        { ...events, failed: none, left: 0 },
        { ...proofs, failed: none, left: 0 },
      ]);
      expect(seen).to.deep.equal(["3/12", "6/12", "9/12", "12/12", "3/3"]);
      const sequences = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 11n];
      const ids = new Set<bigint>();
      for (const n of sequences) {
        expect(await read(test.store, keyring(), TENANT, n)).to.equal(`{"sequence":"${n}"}`);
        ids.add(dataKeyIdOf(await stored(test.store, TENANT, n)));
      }
      expect(ids).to.have.length(1);
      for (const n of [1n, 2n, 6n]) {
        const aad = proofAad(proofPlace(TENANT, n));
        const [row] = await test.store
          .as("keeper")
          .transaction(null, (sql) =>
            sql.query<{ proof: Uint8Array }>(
              "SELECT proof FROM proofx.compliance_proofs WHERE proof_id = $1",
              [proofPlace(TENANT, n).proofId],
            ),
          );
        const opened = await keyring().open({ tenant: TENANT, aad }, row?.proof ?? new Uint8Array());
        expect(opened).to.deep.equal(payloadAt(n));
      }
      expect((await rejection(read(test.store, keyring(), TENANT, 10n))).message).to.match(/^payload erased/);
    });

    it("run again does nothing", async () => {
      await seed();
      await run();
      const before = await everything();
      const changed = { sse1: 0, plain: 0, olderKey: 0 };
      expect((await run()).map((each) => [each.changed, each.left])).to.deep.equal([
        [changed, 0],
        [changed, 0],
      ]);
      expect(await everything()).to.deep.equal(before);
    });

    it("dry, says what it would do and changes nothing", async () => {
      await seed();
      const before = await everything();
      expect(await run({ dryRun: true })).to.deep.equal([
        { ...events, failed: none, left: 9 },
        { ...proofs, failed: none, left: 3 },
      ]);
      expect(await everything()).to.deep.equal(before);
    });

    it("names the records it cannot open, leaves them, and goes on with the others", async () => {
      await seed();
      await test.store
        .as("owner")
        .transaction(null, (sql) =>
          sql.query(
            "UPDATE proofx.events SET payload = set_byte(payload, 95, get_byte(payload, 95) # 1) WHERE sequence = 7",
          ),
        );
      for (const dryRun of [true, false]) {
        const [result] = await run({ dryRun, legacyKeys: [LEGACY] });
        expect(result?.failed.count).to.equal(2);
        expect(result?.failed.first.map(({ where }) => where.split(" of")[0])).to.have.members([
          "event 3",
          "event 7",
        ]);
      }
      const [again] = await run();
      expect(again).to.deep.include({ changed: { sse1: 1, plain: 0, olderKey: 0 }, left: 1 });
      await read(test.store, keyring(), TENANT, 8n);
    });

    it("opens no SSE1 record that was moved to another row", async () => {
      await append(test.store, OWNER, [1n, 2n], sse1(LEGACY));
      await test.store
        .as("owner")
        .transaction(null, (sql) =>
          sql.query(
            "UPDATE proofx.events SET payload = (SELECT payload FROM proofx.events WHERE sequence = 1) WHERE sequence = 2",
          ),
        );
      const [result] = await run();
      expect(result).to.deep.include({ changed: { sse1: 1, plain: 0, olderKey: 0 }, left: 1 });
      expect(result?.failed.first[0]?.where).to.match(/^event 2 /);
    });

    it("does not bring back an agent that is erased while it runs", async () => {
      await append(test.store, OWNER, [1n, 2n, 3n, 4n], sealedBy(keyring()));
      await keeper().rotateAgent(TENANT, AGENT);
      // Erased when the third record is opened, and before a key to seal it with anew is asked for: that is a new one then.
      const ring = keyring();
      const real = ring.dataKeyFor.bind(ring);
      let asked = 0;
      ring.dataKeyFor = async (owner) => {
        asked += 1;
        if (asked === 6) {
          await keeper().erase(TENANT, AGENT);
          ring.forget(TENANT);
        }
        return await real(owner);
      };
      await run({ batch: 2 }, ring);
      expect(asked).to.equal(6);
      for (const n of [1n, 2n, 3n, 4n])
        expect((await rejection(read(test.store, keyring(), TENANT, n))).message).to.match(/^payload erased/);
    });

    it("leaves the rows whose payloads were moved to an archive", async () => {
      await append(test.store, OWNER, [1n, 2n], plain);
      await test.store
        .as("keeper")
        .transaction(null, (sql) => sql.query("UPDATE proofx.events SET payload = '' WHERE sequence = 1"));
      const [result] = await run();
      expect(result).to.deep.include({ rows: 1, changed: { sse1: 0, plain: 1, olderKey: 0 }, left: 0 });
      expect(await stored(test.store, TENANT, 1n)).to.have.length(0);
      expect(await keeper().erase(TENANT, AGENT)).to.deep.equal({ destroyed: 1, records: 1 });
    });

    it("is refused where the settings seal nothing", async () => {
      await append(test.store, OWNER, [1n], plain);
      const error = await rejection(run({}, keyring({ ...SETTINGS, mode: "disabled" })));
      expect(error).to.be.instanceOf(RefusedError);
      expect(isSse2(await stored(test.store, TENANT, 1n))).to.equal(false);
    });
  });
}

describe("The file of legacy keys", () => {
  it("holds a key a line, is its owner's alone, and no error repeats it", async () => {
    using temporary = temporaryFolder();
    const path = join(temporary.path, "legacy");
    const key = "0b".repeat(32);
    writeFileSync(path, `# newest first\n${key}\n\n0x${key.toUpperCase()}\n`, { mode: 0o600 });
    expect(await readLegacyKeys(path)).to.deep.equal([LEGACY, LEGACY]);
    writeFileSync(path, `${key}\n${key}00\n`);
    const error = await rejection(readLegacyKeys(path));
    expect(error).to.be.instanceOf(InputError);
    expect(error.message).to.contain("line 2").and.to.not.contain("0b0b");
    writeFileSync(`${path}-open`, key, { mode: 0o644 });
    expect(await rejection(readLegacyKeys(`${path}-open`))).to.be.instanceOf(RefusedError);
    writeFileSync(`${path}-empty`, "\n", { mode: 0o600 });
    expect(await rejection(readLegacyKeys(`${path}-empty`)))
      .to.be.instanceOf(InputError)
      .and.not.instanceOf(CheckError);
  });
});
