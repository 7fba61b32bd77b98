import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { Json } from "../../../src/core/json.ts";
import { sealPayload } from "../../../src/core/log/index.ts";
import { Schemas } from "../../../src/sequencer/schemas/index.ts";
import {
  eventOf,
  headerOf,
  refusal,
  sequencesOf,
  startLog,
  type TestAgent,
  type TestLog,
} from "../ingest/support.ts";
import { KINDS } from "../support.ts";

const ORDER = {
  type: "object",
  properties: {
    lines: { type: "array", items: { $ref: "#/$defs/line" } },
    email: { type: "string", format: "email" },
    code: { type: "string", pattern: "^[A-Z]{3}-[0-9]+$" },
  },
  required: ["lines"],
  $defs: {
    line: { type: "object", properties: { amount: { type: "integer", minimum: 1 } }, required: ["amount"] },
  },
} as const;

const UNSOUND: Record<string, Json> = {
  "that is none": { type: "thing" },
  "that is a text": "object",
  "with a keyword nobody knows": { type: "object", requierd: ["a"] },
  "that refers to another document": { $ref: "https://example.com/schema.json" },
  "that refers to what is not there": { $ref: "#/$defs/nothing" },
  "that refers to itself": { $ref: "#" },
  "with definitions in a circle": {
    $ref: "#/$defs/a",
    $defs: { a: { items: { $ref: "#/$defs/b" } }, b: { $ref: "#/$defs/a" } },
  },
  "that doubles with every definition": {
    $ref: "#/$defs/d0",
    $defs: Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [
        `d${n}`,
        n === 19 ? true : { allOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] },
      ]),
    ),
  },
  "with a pattern that needs backtracking": { type: "string", pattern: "^(a)\\1$" },
  "with such a pattern for names": { type: "object", patternProperties: { "(?=a)b": true } },
  "with unique items in lists of any length": { type: "array", uniqueItems: true },
  "with an address of its own": { $id: "https://example.com/a" },
  "of another dialect": { $schema: "http://json-schema.org/draft-07/schema#" },
  "that is too large": { enum: ["x".repeat(65_536)] },
  "with U+0000": { const: "\0" },
};

for (const kind of KINDS) {
  describe(`Schemas of payloads on ${kind}`, function () {
    this.timeout(60_000);
    let log: TestLog;
    let agent: TestAgent;
    let schemas: Schemas;
    before(async () => {
      log = await startLog(kind);
      agent = await log.newAgent();
      schemas = new Schemas({ database: log.store.as("app"), ingest: log.ingest });
    });
    after(() => log?.close());
    const type = () => `order.${randomUUID()}`;
    const send = async (eventType: string, payload: Json, ingest = log.ingest) =>
      ingest.submit({ tenant: log.tenant }, log.storeId, await eventOf(log, agent, { eventType, payload }));

    it("refuse a payload with a pointer to its fault", async () => {
      const eventType = type();
      await schemas.set(log.tenant, eventType, ORDER as unknown as Json);
      for (const [payload, pointer] of [
        [{ lines: [{ amount: 1 }, { amount: 0 }] }, "/payload/lines/1/amount"],
        [{ lines: [{ amount: 1 }, {}] }, "/payload/lines/1"],
        [{ lines: [], email: "nobody" }, "/payload/email"],
        [{ lines: [], code: "abc" }, "/payload/code"],
        [[], "/payload"],
      ] as const)
        expect(await refusal(send(eventType, payload as unknown as Json))).to.include({
          code: "schema-mismatch",
          pointer,
        });
      expect(
        (await send(eventType, { lines: [{ amount: 1 }], email: "a@example.com", code: "ABC-1" })).duplicate,
      ).to.equal(false);
      expect((await send(type(), { lines: 0 })).duplicate).to.equal(false);
    });

    it("hold from the event that says so, in every process and in all of the tenant's streams", async () => {
      const eventType = type();
      const second = await log.newStream();
      const other = log.another();
      await send(eventType, { total: 1 }, other);
      const before = await sequencesOf(log);
      const set = await schemas.set(log.tenant, eventType, { required: ["amount"] });
      expect(set).to.include({ eventType, version: 1 });
      expect(await sequencesOf(log)).to.have.length(before.length + 1);
      expect(await sequencesOf({ ...log, storeId: second })).to.have.length(2);
      expect((await refusal(send(eventType, { total: 1 }, other))).code).to.equal("schema-mismatch");
      await other.close();
    });

    it("have versions, the newest of which holds; the same one is not set twice", async () => {
      const eventType = type();
      const first = await schemas.set(log.tenant, eventType, { required: ["a"], type: "object" });
      expect(await schemas.set(log.tenant, eventType, { type: "object", required: ["a"] })).to.deep.equal(
        first,
      );
      await send(eventType, { a: 1 });
      expect((await schemas.set(log.tenant, eventType, { required: ["b"] })).version).to.equal(2);
      expect((await refusal(send(eventType, { a: 1 }))).detail).to.contain("version 2");
      expect(await schemas.get(log.tenant, eventType)).to.deep.include({
        version: 2,
        schema: { required: ["b"] },
      });
      expect((await schemas.list(log.tenant)).map((each) => each.eventType)).to.contain(eventType);
    });

    it("are each set at a version of its own when several come at once", async () => {
      const eventType = type();
      const all = ["a", "b", "c", "d"].map((name) =>
        schemas.set(log.tenant, eventType, { required: [name] }),
      );
      await Promise.all(all);
      expect((await schemas.get(log.tenant, eventType))?.version).to.equal(4);
    });

    it("do not take back a place that an event has", async () => {
      const eventType = type();
      const json = await eventOf(log, agent, { eventType, payload: { total: 1 } });
      const submit = () => log.ingest.submit({ tenant: log.tenant }, log.storeId, json);
      const { sequence } = await submit();
      await schemas.set(log.tenant, eventType, { required: ["amount"] });
      expect(await submit()).to.include({ sequence, duplicate: true });
    });

    it("cannot see what is encrypted", async () => {
      const eventType = type();
      await schemas.set(log.tenant, eventType, { required: ["amount"] });
      const header = { ...(await eventHeader(eventType)) };
      const { fields } = await sealPayload(header, {}, [{ kid: 1, publicKey: new Uint8Array(32).fill(9) }]);
      const json = await eventOf(log, agent, { ...header, ...fields } as never);
      expect((await log.ingest.submit({ tenant: log.tenant }, log.storeId, json)).duplicate).to.equal(false);
    });

    it("are the tenant's own", async () => {
      const eventType = type();
      const tenant = await log.newTenant();
      await schemas.set(tenant, eventType, false);
      expect(await schemas.get(log.tenant, eventType)).to.equal(undefined);
      expect((await send(eventType, {})).duplicate).to.equal(false);
    });

    for (const [what, schema] of Object.entries(UNSOUND)) {
      it(`are refused ${what}`, async () => {
        expect(await refusal(schemas.set(log.tenant, type(), schema))).to.include({
          code: "schema-malformed",
        });
      });
    }

    it("are refused for the log's own types", async () => {
      expect((await refusal(schemas.set(log.tenant, "proofx.key.revoked", false))).code).to.equal(
        "reserved-type",
      );
    });

    it("take no more values than their schema has time for, however few steps each needs", async () => {
      const eventType = type();
      const schema = { items: { anyOf: Array.from({ length: 500 }, (_, n) => ({ const: n + 1 })) } };
      await schemas.set(log.tenant, eventType, schema);
      const fault = await refusal(
        send(
          eventType,
          Array.from({ length: 2_000 }, () => 0),
        ),
      );
      expect(fault.code).to.equal("schema-mismatch");
      expect(fault.detail).to.contain("has time for");
      expect((await send(eventType, [500])).duplicate).to.equal(false);
    });

    it("take a text that brings backtracking to its knees in no time", async () => {
      const eventType = type();
      await schemas.set(log.tenant, eventType, { type: "string", pattern: "^(a+)+$" });
      expect((await refusal(send(eventType, `${"a".repeat(200_000)}b`))).code).to.equal("schema-mismatch");
    });

    const eventHeader = async (eventType: string) => ({ ...headerOf(log, agent), entityId: "1", eventType });
  });
}
