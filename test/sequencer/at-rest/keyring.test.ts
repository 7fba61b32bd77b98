import { expect } from "chai";
import { CheckError, InputError, RefusedError } from "../../../src/core/errors.ts";
import {
  DATA_KEY_DESTROYED,
  dataKeyIdOf,
  Keeper,
  Keyring,
  listKeys,
} from "../../../src/sequencer/at-rest/index.ts";
import { KeyChain } from "../../../src/sequencer/at-rest/key-chain.ts";
import { type Database, sqlState } from "../../../src/sequencer/store/index.ts";
import { rejection } from "../../keys/support.ts";
import { emptyStore, KINDS, type TestStore } from "../support.ts";
import {
  AGENT,
  aadAt,
  addProof,
  append,
  clear,
  MASTER,
  masterKeys,
  OTHER,
  openStreams,
  payloadAt,
  plain,
  read,
  SECOND,
  SETTINGS,
  STORE,
  sealedBy,
  stored,
  TENANT,
} from "./support.ts";

const OWNER = { tenant: TENANT, agent: AGENT };
const DAY_MS = 86_400_000;

for (const kind of KINDS) {
  describe(`Payloads at rest on ${kind}`, function () {
    this.timeout(60_000);
    let test: TestStore;
    let masters: Awaited<ReturnType<typeof masterKeys>>;
    let now: number;
    before(async () => {
      test = await emptyStore(kind);
      masters = await masterKeys(MASTER, "log-master.v2");
    });
    after(async () => {
      masters?.close();
      await test?.close();
    });
    beforeEach(async () => {
      await openStreams(test.store);
      now = Date.now();
    });
    afterEach(() => clear(test.store));

    const keyring = (settings = SETTINGS) =>
      new Keyring(test.store.as("app"), masters.keys, settings, () => now);
    const keeper = (master = MASTER) => new Keeper(test.store.as("keeper"), masters.keys, master, () => now);
    const keeps = (text: string) => test.store.as("owner").transaction(null, (sql) => sql.query(text));

    it("are read again by another process, and no byte of them is in the table", async () => {
      await append(test.store, OWNER, [1n, 2n], sealedBy(keyring()));
      expect(await read(test.store, keyring(), TENANT, 2n)).to.equal('{"sequence":"2"}');
      expect(Buffer.from(await stored(test.store, TENANT, 2n)).includes("sequence")).to.equal(false);
    });

    it("are refused when a row's payload was moved to another sequence or tenant", async () => {
      const ring = keyring();
      await append(test.store, OWNER, [1n, 2n], sealedBy(ring));
      await append(test.store, { tenant: OTHER, agent: AGENT }, [1n], sealedBy(ring));
      const from = `(SELECT payload FROM proofx.events WHERE tenant_id = '${TENANT}' AND sequence = 1)`;
      await keeps(
        `UPDATE proofx.events SET payload = ${from} WHERE tenant_id = '${TENANT}' AND sequence = 2`,
      );
      await keeps(`UPDATE proofx.events SET payload = ${from} WHERE tenant_id = '${OTHER}' AND sequence = 1`);
      const moved = await rejection(read(test.store, keyring(), TENANT, 2n));
      expect(moved).to.be.instanceOf(CheckError);
      expect(moved.message).to.contain("moved from another row");
      const stranger = await rejection(read(test.store, keyring(), OTHER, 1n));
      expect(stranger).to.be.instanceOf(CheckError);
      expect(stranger.message).to.contain(`is none of tenant ${OTHER}'s`);
    });

    it("of an agent stay under one key however many processes begin at once, and every agent has its own", async () => {
      const rings = Array.from({ length: 6 }, () => keyring());
      await Promise.all(rings.map((ring) => ring.prepare(OWNER)));
      await rings[0]?.prepare({ tenant: TENANT, agent: SECOND });
      const sealed = await Promise.all(
        rings.map((ring) => ring.seal({ ...OWNER, aad: aadAt(TENANT, 1n) }, payloadAt(1n))),
      );
      expect(new Set(sealed.map(dataKeyIdOf))).to.have.length(1);
      const [tenant] = await listKeys(test.store.as("keeper"), TENANT);
      expect(tenant?.dataKeys.map(({ agentId, status }) => [agentId, status])).to.deep.equal([
        [AGENT, "in use"],
        [SECOND, "in use"],
      ]);
      expect(tenant?.tenantKeys.map(({ status, dataKeys }) => [status, dataKeys])).to.deep.equal([
        ["in use", 2],
      ]);
    });

    it("once prepared are sealed without a question to the database, within a transaction too", async () => {
      const ring = keyring();
      await ring.prepare(OWNER);
      await test.store
        .as("app")
        .transaction(TENANT, () => ring.seal({ ...OWNER, aad: aadAt(TENANT, 1n) }, payloadAt(1n)));
    });

    it("get a new data key by age, and what the old one sealed is still read", async () => {
      const ring = keyring();
      await append(test.store, OWNER, [1n], sealedBy(ring));
      now += SETTINGS.rotate_after_days * DAY_MS;
      await ring.prepare(OWNER);
      await append(test.store, OWNER, [2n], sealedBy(ring));
      const ids = [
        dataKeyIdOf(await stored(test.store, TENANT, 1n)),
        dataKeyIdOf(await stored(test.store, TENANT, 2n)),
      ];
      expect(ids[0]).to.not.equal(ids[1]);
      for (const n of [1n, 2n]) expect(await read(test.store, keyring(), TENANT, n)).to.contain(String(n));
    });

    it("are taken in plain by the modes that say so, and by no other", async () => {
      await append(test.store, OWNER, [1n], plain);
      for (const mode of ["optional", "disabled"] as const)
        expect(await read(test.store, keyring({ ...SETTINGS, mode }), TENANT, 1n)).to.contain("sequence");
      const error = await rejection(read(test.store, keyring(), TENANT, 1n));
      expect(error).to.be.instanceOf(CheckError);
      expect(error.next).to.contain("log reencrypt");
      const unsealed = keyring({ ...SETTINGS, mode: "disabled" });
      await unsealed.prepare(OWNER);
      expect(await unsealed.seal({ ...OWNER, aad: aadAt(TENANT, 1n) }, payloadAt(1n))).to.deep.equal(
        payloadAt(1n),
      );
    });

    describe("when their agent is erased", () => {
      it("are gone for good, from older copies of the rows too, and nobody else's are", async () => {
        const ring = keyring();
        await append(test.store, OWNER, [1n], sealedBy(ring));
        await addProof(test.store, OWNER, 1n, sealedBy(ring));
        await append(test.store, { tenant: TENANT, agent: SECOND }, [2n], sealedBy(ring));
        const copy = await stored(test.store, TENANT, 1n);
        expect(await keeper().erase(TENANT, AGENT)).to.deep.equal({ destroyed: 1, records: 2 });
        expect(await keeper().erase(TENANT, AGENT)).to.deep.equal({ destroyed: 0, records: 2 });

        // The rows of a backup, beside the keys that there are now.
        const aad = aadAt(TENANT, 1n);
        const error = await rejection(keyring().open({ tenant: TENANT, aad }, copy));
        expect(error).to.be.instanceOf(RefusedError);
        expect(error.message).to.match(/^payload erased: /);
        expect(await read(test.store, keyring(), TENANT, 2n)).to.contain("2");
        // The process that had the key in memory drops it when it looks again.
        now += 1000 * SETTINGS.recheck_seconds;
        expect((await rejection(ring.open({ tenant: TENANT, aad }, copy))).message).to.match(
          /^payload erased: /,
        );
      });

      it("the database takes no event or proof that is sealed with the destroyed key; forgotten, it is sealed anew", async () => {
        const ring = keyring();
        await append(test.store, OWNER, [1n], sealedBy(ring));
        await keeper().erase(TENANT, AGENT);
        expect(sqlState(await rejection(append(test.store, OWNER, [2n], sealedBy(ring))))).to.equal(
          DATA_KEY_DESTROYED,
        );
        expect(sqlState(await rejection(addProof(test.store, OWNER, 1n, sealedBy(ring))))).to.equal(
          DATA_KEY_DESTROYED,
        );
        ring.forget(TENANT);
        await append(test.store, OWNER, [2n], sealedBy(ring));
        expect(await read(test.store, keyring(), TENANT, 2n)).to.contain("2");
      });

      it("while they come in: what is under the destroyed key was there when it went, and all that came later is read", async () => {
        const ring = keyring();
        const appendOne = (n: bigint) => append(test.store, OWNER, [n], sealedBy(ring));
        const erased: number[] = [];
        const last = 24n;
        for (let n = 1n; n <= last; n++) {
          // Every sixth comes in while its agent is erased: before, after, or refused and sealed anew.
          const erasing = n % 6n === 0n ? keeper().erase(TENANT, AGENT) : undefined;
          await appendOne(n).catch(async (error) => {
            expect(sqlState(error)).to.equal(DATA_KEY_DESTROYED);
            ring.forget(TENANT);
            await erasing;
            await appendOne(n);
          });
          if (erasing !== undefined) erased.push((await erasing).records);
        }
        const readable: boolean[] = [];
        for (let n = 1n; n <= last; n++)
          readable.push(
            await read(test.store, keyring(), TENANT, n).then(
              () => true,
              () => false,
            ),
          );
        expect(readable.filter((each) => !each)).to.have.length(erased.at(-1) ?? 0);
        expect(readable.lastIndexOf(false)).to.equal((erased.at(-1) ?? 0) - 1);
      });

      it("are refused while some of them are in plain, which would stay readable", async () => {
        await append(test.store, OWNER, [1n], sealedBy(keyring()));
        await append(test.store, OWNER, [2n], plain);
        const error = await rejection(keeper().erase(TENANT, AGENT));
        expect(error).to.be.instanceOf(RefusedError);
        expect(error.message).to.match(/^1 records of agent .* would stay readable$/);
        expect(await read(test.store, keyring(), TENANT, 1n)).to.contain("1");
        expect(await rejection(keeper().erase(TENANT, SECOND))).to.be.instanceOf(InputError);
      });
    });

    describe("are readable all along while", () => {
      beforeEach(() => append(test.store, OWNER, [1n], sealedBy(keyring())));

      it("the master key changes: every tenant key is under the new one, and the old one opens none", async () => {
        await append(test.store, { tenant: OTHER, agent: AGENT }, [1n], sealedBy(keyring()));
        const second = "log-master.v2";
        expect(await keeper(second).rotateMaster()).to.deep.equal({ to: second, rewrapped: 2, left: 0 });
        expect(await keeper(second).rotateMaster()).to.deep.equal({ to: second, rewrapped: 0, left: 0 });
        expect(await keeps(`SELECT FROM proofx.tenant_keys WHERE master_key = '${MASTER}'`)).to.deep.equal(
          [],
        );
        for (const tenant of [TENANT, OTHER]) await read(test.store, keyring(), tenant, 1n);
        await keeps(`UPDATE proofx.tenant_keys SET master_key = '${MASTER}'`);
        expect(await rejection(read(test.store, keyring(), TENANT, 1n))).to.be.instanceOf(CheckError);
      });

      it("a tenant key changes: its data keys are under the next one, and the old one is destroyed", async () => {
        const running = keyring();
        await running.prepare({ tenant: TENANT, agent: SECOND });
        expect(await keeper().rotateTenant(TENANT)).to.deep.equal({ to: "2", rewrapped: 2, left: 0 });
        const [tenant] = await listKeys(test.store.as("keeper"), TENANT);
        expect(tenant?.tenantKeys.map(({ status, dataKeys }) => [status, dataKeys])).to.deep.equal([
          ["destroyed", 0],
          ["in use", 2],
        ]);
        await read(test.store, keyring(), TENANT, 1n);
        await running.prepare({ tenant: TENANT, agent: "16fd2706-8baf-433b-82eb-8c7fada847dc" });
        await read(test.store, running, TENANT, 1n);
        expect(await rejection(keeper().rotateTenant(STORE))).to.be.instanceOf(InputError);
      });

      it("a tenant key is destroyed between reading a data key and opening it", async () => {
        const app = test.store.as("app");
        let asked = 0;
        const slow: Database = {
          ...app,
          transaction: async (tenant, work) => {
            asked += 1;
            // The first question was for the data key; the second will be for the tenant key that wraps it.
            if (asked === 2) await keeper().rotateTenant(TENANT);
            return await app.transaction(tenant, work);
          },
        };
        await read(test.store, new Keyring(slow, masters.keys, SETTINGS), TENANT, 1n);
        expect(asked).to.equal(4);
      });

      it("a tenant key changes while many agents get their first keys", async () => {
        const agents = Array.from({ length: 24 }, (_, i) => ({
          tenant: TENANT,
          agent: AGENT.replace(/da$/, String(10 + i)),
        }));
        const rings = [keyring(), keyring()];
        const [rotated] = await Promise.all([
          keeper().rotateTenant(TENANT),
          ...agents.map((owner, i) => rings[i % 2]?.prepare(owner)),
        ]);
        expect(rotated).to.include({ to: "2", left: 0 });
        expect(await keeps("SELECT FROM proofx.data_keys WHERE tenant_key_id <> 2")).to.deep.equal([]);
        const fresh = keyring();
        for (const owner of agents) await fresh.prepare(owner);
        expect(await keeps("SELECT FROM proofx.data_keys")).to.have.length(25);
      });

      it("a rotation that was killed goes on with the key it made", async () => {
        // What the first of its steps leaves: the next key is there, and nothing is under it.
        await new KeyChain(test.store.as("keeper"), masters.keys, MASTER).addTenantKey(TENANT, 1n, now);
        await keyring().prepare({ tenant: TENANT, agent: SECOND });
        await read(test.store, keyring(), TENANT, 1n);
        expect(await keeper().rotateTenant(TENANT)).to.deep.equal({ to: "2", rewrapped: 1, left: 0 });
        await read(test.store, keyring(), TENANT, 1n);
      });

      it("an agent gets its next data key by hand", async () => {
        const { id, generation } = await keeper().rotateAgent(TENANT, AGENT);
        expect(generation).to.equal(2n);
        await append(test.store, OWNER, [2n], sealedBy(keyring()));
        expect(dataKeyIdOf(await stored(test.store, TENANT, 2n))).to.equal(id);
        for (const n of [1n, 2n]) await read(test.store, keyring(), TENANT, n);
      });

      it("nobody exchanges wrapped keys between agents, tenants or generations", async () => {
        await keyring().prepare({ tenant: TENANT, agent: SECOND });
        await keeps(
          `UPDATE proofx.data_keys SET wrapped = (SELECT wrapped FROM proofx.data_keys WHERE agent_id = '${SECOND}')`,
        );
        expect(await rejection(read(test.store, keyring(), TENANT, 1n))).to.be.instanceOf(CheckError);
      });
    });
  });
}
