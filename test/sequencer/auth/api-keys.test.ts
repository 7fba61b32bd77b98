import { expect } from "chai";
import fc from "fast-check";
import {
  type Authenticator,
  addJwtKey,
  createTenant,
  insertApiKey,
  listApiKeys,
  newApiKey,
  parseApiKey,
  revokeApiKey,
} from "../../../src/sequencer/auth/index.ts";
import type { Database } from "../../../src/sequencer/store/index.ts";
import { emptyStore, KINDS, type TestStore } from "../support.ts";
import { apiKey, asks, authenticatorOn, newTenant, verdict } from "./support.ts";

const AGENT = "550e8400-e29b-41d4-a716-446655440000";

for (const kind of KINDS) {
  describe(`API keys on ${kind}`, function () {
    this.timeout(60_000);
    let test: TestStore;
    let authenticator: Authenticator;
    let tenant: string;
    before(async () => {
      test = await emptyStore(kind);
      authenticator = authenticatorOn(test.store);
      tenant = await newTenant(test.store);
    });
    after(() => test?.close());

    it("say whose they are and what they are for", async () => {
      const text = await apiKey(test.store, tenant, { role: "agent", agentId: AGENT });
      const caller = await asks(authenticator, text);
      expect(caller).to.include({
        tenant,
        agentId: AGENT,
        role: "agent",
        credentialId: parseApiKey(text)?.prefix,
      });
      expect([...caller.permissions].sort()).to.deep.equal(["events:read", "events:write"]);
      const admin = await asks(authenticator, await apiKey(test.store, tenant));
      expect(admin.agentId).to.equal(undefined);
      expect(admin.permissions.size).to.equal(10);
    });

    it("are refused with another secret, another environment, or under another key's prefix", async () => {
      const [one, two] = [await apiKey(test.store, tenant), await apiKey(test.store, tenant)];
      const [, , prefix = "", secret = ""] = /^(px)_test_([a-z0-9]{12})_(.*)$/.exec(one) ?? [];
      const [, otherSecret = ""] = /^px_test_[a-z0-9]{12}_(.*)$/.exec(two) ?? [];
      expect(await verdict(authenticator, `px_test_${prefix}_${otherSecret}`)).to.equal(
        "api-key-wrong-secret",
      );
      expect(await verdict(authenticator, `px_live_${prefix}_${secret}`)).to.equal("api-key-unknown");
      expect(await verdict(authenticator, `px_test_aaaaaaaaaaaa_${secret}`)).to.equal("api-key-unknown");
      expect(await verdict(authenticator, one)).to.be.an("object");
    });

    it("are refused for every single changed character", async () => {
      const text = await apiKey(test.store, tenant);
      for (let at = 0; at < text.length; at++) {
        const changed = `${text.slice(0, at)}${text[at] === "a" ? "b" : "a"}${text.slice(at + 1)}`;
        expect(await verdict(authenticator, changed), `character ${at}`).to.be.a("string");
      }
    });

    it("that were revoked stop within the cache's seconds, and for good", async () => {
      const clock = { now: Date.now() };
      const timed = authenticatorOn(test.store, { now: () => clock.now });
      const text = await apiKey(test.store, tenant);
      const prefix = parseApiKey(text)?.prefix ?? "";
      expect(await verdict(timed, text)).to.be.an("object");
      const keeper = test.store.as("keeper");
      expect(await revokeApiKey(keeper, prefix)).to.equal(true);
      expect(await revokeApiKey(keeper, prefix)).to.equal(false);
      clock.now += 5_000;
      expect(await verdict(timed, text)).to.equal("api-key-revoked");
      expect(await verdict(authenticator, text)).to.equal("api-key-revoked");
    });

    it("are looked up once for many requests at a time, and not again while they are fresh", async () => {
      const app = test.store.as("app");
      let lookups = 0;
      const counting: Database = {
        ...app,
        transaction: (of, work) => {
          lookups += 1;
          return app.transaction(of, work);
        },
      };
      const counted = authenticatorOn(test.store, { database: counting });
      const text = await apiKey(test.store, tenant);
      await Promise.all(Array.from({ length: 50 }, () => asks(counted, text)));
      await asks(counted, text);
      expect(lookups).to.equal(1);
    });

    it("leave nothing in the database that could be shown as one", async () => {
      const text = await apiKey(test.store, tenant);
      const rows = await test.store
        .as("owner")
        .transaction(null, (sql) =>
          sql.query<{ row: string }>("SELECT k::text AS row FROM proofx.api_keys k"),
        );
      const all = rows.map(({ row }) => row).join("\n");
      const secret = text.slice(-43);
      expect(all).not.to.contain(secret);
      expect(all).not.to.contain(Buffer.from(secret, "base64url").toString("hex"));
    });

    it("are made only for tenants that are there, and a tenant is made once", async () => {
      const keeper = test.store.as("keeper");
      const make = insertApiKey(keeper, newApiKey("test"), { tenant: AGENT, role: "reader", name: "x" });
      expect(await make.catch((error: Error) => error.message)).to.contain("a tenant that is there");
      const publicKey = Buffer.alloc(32);
      const small = addJwtKey(keeper, { tenant, role: "agent", publicKey });
      expect(await small.catch((error: Error) => error.message)).to.contain("of prime order");
      const first = await createTenant(keeper, { name: "once" });
      expect(await createTenant(keeper, first)).to.deep.equal({ ...first, created: false });
      const renamed = createTenant(keeper, { tenantId: first.tenantId, name: "twice" });
      expect(await renamed.catch((error: Error) => error.name)).to.equal("RefusedError");
      expect((await listApiKeys(keeper, first.tenantId)).length).to.equal(0);
    });
  });
}

describe("The text of an API key", () => {
  it("has one spelling", () => {
    fc.assert(
      fc.property(fc.constantFrom("live", "test", "a1"), (environment) => {
        const key = newApiKey(environment);
        expect(parseApiKey(key.text)).to.deep.equal(key);
        // The last character's two low bits mean nothing, so they have to be zero.
        const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        const last = letters.indexOf(key.text.at(-1) ?? "");
        expect(parseApiKey(`${key.text.slice(0, -1)}${letters[last + 1]}`)).to.equal(undefined);
      }),
    );
  });

  it("is nothing that is longer, shorter or otherwise dressed", () => {
    const { text } = newApiKey("live");
    for (const other of [
      `${text}A`,
      text.slice(0, -1),
      ` ${text}`,
      `${text}\n`,
      text.toUpperCase(),
      `${text}=`,
    ])
      expect(parseApiKey(other)).to.equal(undefined);
  });
});
