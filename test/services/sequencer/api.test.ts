import { randomUUID } from "node:crypto";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect } from "chai";
import { fromHex } from "../../../src/core/bytes.ts";
import {
  eventLeaf,
  openCheckpoint,
  parseReceipt,
  parseSequencedEvent,
  SIGNATURE_TYPE,
  verifyEvent,
  verifyLogConsistency,
  verifyLogInclusion,
  verifyReceipt,
} from "../../../src/core/log/index.ts";
import { SEQUENCER_PROBLEMS } from "../../../src/services/sequencer/problems.ts";
import { eventOf } from "../../sequencer/ingest/support.ts";
import { describeOnEither } from "../../sequencer/support.ts";
import { newCredential, startWorld, type Tenant, type World } from "./world.ts";

describeOnEither("The sequencer over HTTP", function (kind) {
  this.timeout(120_000);
  let world: World;
  let ours: Tenant;
  let path: string;

  before(async () => {
    world = await startWorld({}, kind);
    ours = await world.newTenant();
    path = `/v1/stores/${ours.storeId}`;
  });
  after(() => world?.close());

  const get = (rest: string, tenant = ours) =>
    world.call(`${path}${rest}`, { credential: tenant.credential });

  it("describes itself: valid OpenAPI 3.1 with a bearer credential, every problem code with a remedy", async () => {
    const document = (await world.call("/v1/openapi.json")).body;
    const { valid, errors } = await new Validator().validate(document);
    expect(valid, JSON.stringify(errors)).to.equal(true);
    expect(document.components.securitySchemes.bearer.scheme).to.equal("bearer");
    const open = Object.entries(document.paths as Record<string, Record<string, { security?: unknown }>>)
      .filter(([name]) => name.startsWith("/v1/"))
      .flatMap(([name, methods]) => Object.values(methods).map(({ security }) => ({ name, security })))
      .filter(({ security }) => security === undefined)
      .map(({ name }) => name);
    expect(open).to.have.members(["/v1/keys", "/v1/problems"]);
    expect((await world.call("/v1/problems")).body).to.deep.include(SEQUENCER_PROBLEMS);
  });

  it("an event is answered with its receipt and given back as it was signed, to whoever checks it alone", async () => {
    const sent = await world.send(ours, {
      payload: { total: "12.50", note: "ä€😀", nested: [1, { a: null }] },
    });
    expect(sent.status, sent.text).to.equal(201);
    const { event_id: id } = sent.body.receipt;
    const read = await get(`/events/by-id/${id}`);
    expect(read.status, read.text).to.equal(200);
    const { sequence, event } = parseSequencedEvent(read.body.event);
    verifyEvent(event, ours.agent.signer.publicKey);
    const keys = (await world.call("/v1/keys")).body.keys as {
      purpose: string;
      key_id: number;
      public_key: string;
    }[];
    const receiptKeys = new Map(
      keys
        .filter(({ purpose }) => purpose === "receipt")
        .map(({ key_id, public_key }) => [key_id, fromHex("key", public_key, 32)]),
    );
    verifyReceipt(parseReceipt(sent.body.receipt), event, receiptKeys);
    expect((await get(`/receipts/${id}`)).body).to.deep.equal(sent.body.receipt);
    expect((await get(`/events/${sequence}`)).body).to.deep.equal(read.body);
    expect(sent.body).to.deep.include({
      sequence_number: String(sequence),
      entity_version: "1",
      duplicate: false,
    });
  });

  it("the very same event again gets the very same receipt", async () => {
    const sent = await world.send(ours);
    const { sequence_number: sequence } = sent.body;
    const { sequence_number: _, ...event } = (await get(`/events/${sequence}`)).body.event;
    const again = await world.call(`${path}/events`, { body: event, credential: ours.credential });
    expect([again.status, again.body]).to.deep.equal([200, { ...sent.body, duplicate: true }]);
  });

  it("an event's place is proved to whoever has the log's key, from the newest checkpoint and older ones", async () => {
    const first = await world.send(ours);
    const old = await get("/checkpoint");
    await world.send(ours);
    const sequence = first.body.sequence_number;
    const proof = (await get(`/proofs/inclusion?sequence=${sequence}`)).body;
    const checkpointKeys = (await world.call("/v1/keys")).body.keys.filter(
      ({ purpose }: { purpose: string }) => purpose === "checkpoint",
    );
    const { origin } = (await world.call("/v1/stores", { credential: ours.credential })).body.stores[0];
    const key = {
      name: origin,
      publicKey: fromHex("key", checkpointKeys[0].public_key, 32),
      type: SIGNATURE_TYPE.note,
    };
    const note = await get(`/checkpoint?size=${proof.size}`);
    expect(note.headers.get("content-type")).to.match(/^text\/plain/);
    const checkpoint = openCheckpoint(note.text, [key], origin);
    const event = parseSequencedEvent((await get(`/events/${sequence}`)).body.event);
    const hashes = (list: string[]) => list.map((each) => fromHex("hash", each, 32));
    verifyLogInclusion(
      eventLeaf(event),
      { index: event.sequence - 1n, size: checkpoint.size, path: hashes(proof.path) },
      checkpoint.root,
    );
    const before = openCheckpoint(old.text, [key], origin);
    const consistency = (await get(`/proofs/consistency?from=${before.size}&to=${checkpoint.size}`)).body;
    verifyLogConsistency(
      { first: before.size, second: checkpoint.size, path: hashes(consistency.path) },
      before.root,
      checkpoint.root,
    );
    const atOldSize = (await get(`/proofs/inclusion?sequence=${sequence}&size=${before.size}`)).body;
    verifyLogInclusion(
      eventLeaf(event),
      { index: event.sequence - 1n, size: before.size, path: hashes(atOldSize.path) },
      before.root,
    );
    const list = (await get("/checkpoints")).body.checkpoints;
    expect(list.map(({ size }: { size: string }) => size)).to.include.members([
      String(before.size),
      String(checkpoint.size),
    ]);
  });

  it("no proof is given of a size that was not published, or of an event that is not there", async () => {
    const head = BigInt((await get("/head")).body.sequence_number);
    for (const [query, code] of [
      [`inclusion?sequence=1&size=${head + 5n}`, "size-unpublished"],
      [`inclusion?sequence=${head + 5n}`, "size-unpublished"],
      [`inclusion?sequence=0`, "not-found"],
      [`inclusion?sequence=3&size=2`, "not-found"],
      [`consistency?from=1&to=${head + 5n}`, "size-unpublished"],
      [`consistency?from=0&to=1`, "invalid-request"],
      [`inclusion?sequence=-1`, "invalid-request"],
      [`inclusion?sequence=99999999999999999999`, "invalid-request"],
    ]) {
      const { body } = await get(`/proofs/${query}`);
      expect(body.code, query).to.equal(code);
    }
  });

  it("streams and entities are read in parts", async () => {
    const entityId = randomUUID();
    for (let count = 0; count < 5; count++) await world.send(ours, { entityId });
    const all: string[] = [];
    for (let next: string | null = "1"; next !== null; ) {
      const { body } = await get(`/events?from=${next}&limit=3`);
      all.push(
        ...body.events.map(({ event }: { event: { sequence_number: string } }) => event.sequence_number),
      );
      next = body.next;
    }
    expect(all).to.deep.equal(all.map((_, index) => String(index + 1)));
    const entity = (await get(`/entities/order/${entityId}/events?from=2&limit=2`)).body;
    expect(
      entity.events.map(({ entity_version }: { entity_version: string }) => entity_version),
    ).to.deep.equal(["2", "3"]);
    expect(entity.next).to.equal("4");
    for (const limit of ["0", "1001", "x"])
      expect((await get(`/events?limit=${limit}`)).status, limit).to.equal(400);
  });

  it("keys are told with the places between which they are good", async () => {
    const { id } = ours.agent;
    const [key] = (await get(`/agents/${id}/keys`)).body.keys;
    expect(key).to.deep.include({ agent_id: id, key_id: 1, registered_at: "2", revoked_at: null });
    expect((await get(`/agents/${id}/keys?at=2`)).body.keys).to.deep.equal([]);
    expect((await get(`/agents/${id}/keys?at=3`)).body.keys).to.have.length(1);
    expect((await get("/agents")).body.agents).to.deep.equal([{ agent_id: id, keys: 1, keys_in_use: 1 }]);
    const registered = parseSequencedEvent((await get("/events/2")).body.event);
    expect(registered.event).to.include({ eventType: "proofx.key.registered" });
  });

  it("a revoked key signs no more", async () => {
    const other = await world.newTenant();
    const at = `/v1/stores/${other.storeId}/agents/${other.agent.id}/keys/1/revoke`;
    const revoked = await world.call(at, { body: { reason: "lost" }, credential: other.credential });
    expect([revoked.status, revoked.body.revoked_at]).to.deep.equal([200, "3"]);
    const refused = await world.send(other);
    expect([refused.status, refused.body.code]).to.deep.equal([422, "key-revoked"]);
  });

  it("a schema holds for what comes after it", async () => {
    const other = await world.newTenant();
    const set = await world.call("/v1/schemas/order.placed", {
      method: "PUT",
      body: { schema: { type: "object", required: ["total"], properties: { total: { type: "string" } } } },
      credential: other.credential,
    });
    expect([set.status, set.body.version]).to.deep.equal([200, 1]);
    const refused = await world.send(other, { payload: { total: 5 } });
    expect([refused.status, refused.body.code]).to.deep.equal([422, "schema-mismatch"]);
    expect(refused.body.errors[0].pointer).to.equal("#/payload/total");
    expect((await world.send(other, { payload: { total: "5" } })).status).to.equal(201);
    const got = await world.call("/v1/schemas/order.placed", { credential: other.credential });
    expect(got.body).to.deep.equal(set.body);
    expect((await world.call("/v1/schemas/none", { credential: other.credential })).status).to.equal(404);
  });

  it("proofs about an event are kept sealed and given back", async () => {
    const { sequence_number: sequence } = (await world.send(ours)).body;
    const at = `${path}/events/${sequence}/compliance-proofs`;
    const body = {
      proof_type: "groth16",
      circuit_version: 1,
      policy_hash: `0x${"ab".repeat(32)}`,
      proof: { a: ["1", "2"], secret: "a-secret" },
    };
    const kept = await world.call(at, { body, credential: ours.credential });
    expect(kept.status, kept.text).to.equal(201);
    const again = await world.call(at, { body, credential: ours.credential });
    expect([again.status, again.body]).to.deep.equal([200, kept.body]);
    expect((await world.call(at, { credential: ours.credential })).body.proofs).to.deep.equal([kept.body]);
    const rows = await world.store
      .as("owner")
      .transaction(null, (sql) => sql.query<{ proof: Uint8Array }>("SELECT proof FROM compliance_proofs"));
    expect(Buffer.from(rows[0]?.proof ?? []).includes("a-secret")).to.equal(false);
    expect((await get("/events/999999/compliance-proofs")).status).to.equal(404);
  });

  it("a stream is opened once, and the head tells how far it and its checkpoints are", async () => {
    const again = await world.call(path, { body: {}, credential: ours.credential });
    expect(again.status).to.equal(200);
    await get("/checkpoint");
    const { body } = await get("/head");
    expect(body.checkpoint_size).to.equal(body.sequence_number);
    expect((await get("/batches")).body).to.deep.equal({ batches: [], next: null });
    expect((await get("/batches/1")).body.code).to.equal("not-found");
    expect((await get("/batches/1/proofs/1")).body.code).to.equal("batch-open");
  });

  it("another tenant's stream is as unknown as one that nobody has", async () => {
    const other = await world.newTenant();
    const { event_id: id } = (await world.send(ours)).body.receipt;
    const reads = [
      "/head",
      "/events",
      "/events/1",
      `/events/by-id/${id}`,
      `/receipts/${id}`,
      "/events/stream?from=1",
      "/entities/order/1/events",
      "/proofs/inclusion?sequence=1",
      "/proofs/consistency?from=1",
      "/checkpoint",
      "/checkpoints",
      "/batches",
      "/batches/1",
      "/batches/1/proofs/1",
      "/agents",
      `/agents/${ours.agent.id}/keys`,
      "/events/1/compliance-proofs",
    ];
    for (const read of reads) {
      const foreign = await get(read, other);
      expect([foreign.status, foreign.body?.code], read).to.deep.equal([404, "stream-unknown"]);
    }
    const event = await world.call(`${path}/events`, {
      body: (await get("/events/3")).body.event,
      credential: other.credential,
    });
    expect(event.status).to.be.oneOf([403, 404, 422]);
    expect((await world.call("/v1/stores", { credential: other.credential })).body.stores).to.have.length(1);
  });

  it("nothing is answered without a credential, apart from the log's keys", async () => {
    expect((await world.call("/v1/keys")).status).to.equal(200);
    for (const each of ["/v1/stores", `${path}/events`, `${path}/checkpoint`]) {
      const answer = await world.call(each);
      expect([answer.status, answer.body.code]).to.deep.equal([401, "unauthorized"]);
    }
  });

  it("a credential does what its role may, and an agent's sends that agent's events alone", async () => {
    const [reader, agent] = [
      await newCredential(world.store, ours.tenant, "reader"),
      await newCredential(world.store, ours.tenant, "agent", ours.agent.id),
    ];
    const stranger = await newCredential(world.store, ours.tenant, "agent", randomUUID());
    const body = await eventOf(ours, ours.agent);
    const codes = [];
    for (const credential of [reader, stranger, agent]) {
      const answer = await world.call(`${path}/events`, { body, credential });
      codes.push([answer.status, answer.body.code]);
    }
    expect(codes).to.deep.equal([
      [403, "forbidden"],
      [403, "wrong-agent"],
      [201, undefined],
    ]);
    expect((await world.call(`${path}/checkpoint`, { credential: reader })).status).to.equal(200);
    for (const [rest, credential] of [
      ["/checkpoint", agent],
      ["/proofs/inclusion?sequence=1", agent],
    ] as const)
      expect((await world.call(`${path}${rest}`, { credential })).body.code, rest).to.equal("forbidden");
    const opened = await world.call(`/v1/stores/${randomUUID()}`, { body: {}, credential: reader });
    expect(opened.body.code).to.equal("forbidden");
  });

  it("a token is revoked by its jti", async () => {
    const body = { jti: "a-token", expires_at: Math.floor(Date.now() / 1000) + 60 };
    const revoked = await world.call("/v1/tokens/revoke", { body, credential: ours.credential });
    expect([revoked.status, revoked.body]).to.deep.equal([200, { revoked: true }]);
    const late = { ...body, expires_at: body.expires_at + 1_000_000 };
    const refused = await world.call("/v1/tokens/revoke", { body: late, credential: ours.credential });
    expect(refused.status).to.equal(400);
  });

  it("metrics count events by their fate, groups, commits, checkpoints", async () => {
    const { text } = await world.call("/metrics");
    for (const line of [
      /proofx_sequencer_events_accepted_total\{repeat="false",service="sequencer"\} [1-9]/,
      /proofx_sequencer_events_refused_total\{code="schema-mismatch",service="sequencer"\} 1/,
      /proofx_sequencer_group_events_count\{service="sequencer"\} [1-9]/,
      /proofx_sequencer_commit_seconds_count\{service="sequencer"\} [1-9]/,
      /proofx_sequencer_events_waiting\{service="sequencer"\} 0/,
    ])
      expect(text).to.match(line);
  });
});
