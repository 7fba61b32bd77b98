import { connect } from "node:net";
import { expect } from "chai";
import { eventOf } from "../../sequencer/ingest/support.ts";
import { describeOnEither } from "../../sequencer/support.ts";
import { type Answer, type Fields, startWorld, type Tenant, type World } from "./world.ts";

const MIB = 2 ** 20;

describeOnEither("What the sequencer is sent by those who mean harm", function (kind) {
  this.timeout(120_000);
  let world: World;
  let ours: Tenant;

  before(async () => {
    world = await startWorld({}, kind);
    ours = await world.newTenant();
  });
  after(() => world?.close());

  const post = (body: string | Uint8Array, rest = "events", type = "application/json"): Promise<Answer> =>
    world.call(`/v1/stores/${ours.storeId}/${rest}`, { body, type, credential: ours.credential });
  const lines = (answer: Answer) =>
    answer.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  const head = async (): Promise<string> =>
    (await world.call(`/v1/stores/${ours.storeId}/head`, { credential: ours.credential })).body
      .sequence_number;
  const signed = (fields?: Fields) => eventOf(ours, ours.agent, fields);

  it("JSON that readers understand in different ways is refused with the place of the fault, and nothing is logged", async () => {
    const before = await head();
    const text = JSON.stringify(await signed({ payload: { total: "1", inner: [{ a: 1 }] } }));
    const cases: [string, string | Uint8Array, RegExp][] = [
      ["a name twice", text.replace('"total":', '"total":"2","total":'), /\$\.payload\.total: /],
      [
        "a name twice, escaped",
        text.replace('"total":', '"tot\\u0061l":"2","total":'),
        /\$\.payload\.total: /,
      ],
      ["a number above 2^53", text.replace('"a":1', '"a":9007199254740993'), /\$\.payload\.inner\[0\]\.a: /],
      ["a number that is lost", text.replace('"a":1', '"a":1e-400'), /\$\.payload\.inner\[0\]\.a: /],
      ["a number beyond all", text.replace('"a":1', '"a":1e400'), /\$\.payload\.inner\[0\]\.a: /],
      ["half a character", text.replace('"1"', '"\\ud800"'), /\$\.payload\.total: /],
      ["bytes that are no UTF-8", Buffer.from(text.replace('"1"', '"\xff"'), "latin1"), /UTF-8/],
      ["a byte order mark", Buffer.from(`\ufeff${text}`), /byte order mark/],
      [
        "nesting without end",
        text.replace('"a":1', `"a":${"[".repeat(100_000)}${"]".repeat(100_000)}`),
        /64 levels/,
      ],
      ["no JSON", text.slice(0, -1), /expected JSON/],
      ["nothing", "", /expected JSON/],
    ];
    for (const [what, body, words] of cases) {
      const answer = await post(body);
      expect([answer.status, answer.body.code], what).to.deep.equal([400, "invalid-json"]);
      expect(answer.body.detail, what).to.match(words);
    }
    const pointed = await post(text.replace('"a":1', '"a":1e400'));
    expect(pointed.body.errors[0].pointer).to.equal("#/payload/inner/0/a");
    expect(await head()).to.equal(before);
  });

  it("names that trip up JavaScript are names as any other", async () => {
    const payload = JSON.parse('{"__proto__": {"admin": true}, "constructor": {"prototype": 1}}');
    const event = await signed({ payload });
    const accepted = await post(JSON.stringify(event));
    expect(accepted.status, accepted.text).to.equal(201);
    const at = `/v1/stores/${ours.storeId}/events/${accepted.body.sequence_number}`;
    expect((await world.call(at, { credential: ours.credential })).text).to.include(
      '"__proto__":{"admin":true}',
    );
    const outside = JSON.stringify(event).replace("{", '{"__proto__":{"tenant_id":"x"},');
    expect((await post(outside)).body.code).to.equal("event-malformed");
  });

  it("what is too large is refused before it is read to its end", async () => {
    const one = await post(JSON.stringify(await signed({ payload: "x".repeat(MIB) })));
    expect([one.status, one.body.code]).to.deep.equal([413, "too-large"]);
    const many = await post(Buffer.alloc(10 * MIB + 1, 10), "events/batch", "application/x-ndjson");
    expect([many.status, many.body.code]).to.deep.equal([413, "too-large"]);
    const lineCount = await post("{}\n".repeat(1_001), "events/batch", "application/x-ndjson");
    expect([lineCount.status, lineCount.body.code]).to.deep.equal([413, "too-large"]);
  });

  it("other media types are refused", async () => {
    const event = JSON.stringify(await signed());
    for (const [rest, type] of [
      ["events", "text/plain"],
      ["events", "application/x-www-form-urlencoded"],
      ["events/batch", "application/json"],
    ] as const)
      expect((await post(event, rest, type)).body.code, `${rest} ${type}`).to.equal("unsupported-media-type");
    expect((await post(event, "events", "application/x-ndjson")).status).to.be.oneOf([400, 415, 422]);
  });

  it("a bad line in the middle of a batch holds up no other, and each line has its answer", async () => {
    const good = await Promise.all(Array.from({ length: 6 }, () => signed()));
    const texts = good.map((event) => JSON.stringify(event));
    texts.splice(2, 0, '{"a": 1, "a": 2}');
    texts.splice(4, 0, "");
    texts.splice(5, 0, JSON.stringify({ ...good[0], agent_signature: `0x${"00".repeat(64)}` }));
    texts.splice(6, 0, `${"[".repeat(1_000)}`);
    texts.splice(7, 0, JSON.stringify({ big: "x".repeat(MIB) }));
    const answers = lines(await post(texts.join("\n"), "events/batch", "application/x-ndjson"));
    expect(answers.map(({ line }) => line)).to.deep.equal(texts.map((_, index) => index + 1));
    expect(answers.map(({ status }) => status)).to.deep.equal([
      201, 201, 400, 201, 400, 422, 400, 413, 201, 201, 201,
    ]);
    expect(answers[2].problem.detail).to.equal(
      "line 3: $.a: expected a name once in its object, got it twice",
    );
    expect(answers[5].problem).to.include({ code: "signature-invalid", status: 422 });
    for (const { receipt, status } of answers)
      expect(receipt === undefined, String(status)).to.equal(status !== 201);
  });

  it("a batch sent again is answered with the receipts it got", async () => {
    const texts = (await Promise.all(Array.from({ length: 20 }, () => signed()))).map((event) =>
      JSON.stringify(event),
    );
    const first = lines(await post(`${texts.join("\n")}\n`, "events/batch", "application/x-ndjson"));
    const again = lines(await post(`${texts.join("\n")}\n`, "events/batch", "application/x-ndjson"));
    expect(again).to.deep.equal(first.map((each) => ({ ...each, status: 200, duplicate: true })));
  });

  it("lines that name their entity's version are taken in their order", async () => {
    const entityId = "one-after-the-other";
    const texts: string[] = [];
    for (let version = 0; version < 12; version++)
      texts.push(JSON.stringify(await signed({ entityId, baseVersion: BigInt(version) })));
    const answers = lines(await post(texts.join("\n"), "events/batch", "application/x-ndjson"));
    expect(answers.map(({ status, entity_version }) => [status, entity_version])).to.deep.equal(
      texts.map((_, index) => [201, String(index + 1)]),
    );
  });

  it("an event of another tenant, another store, or the log's own kind is refused", async () => {
    const other = await world.newTenant();
    const foreign = JSON.stringify(await eventOf(other, other.agent));
    expect((await post(foreign)).body.code).to.equal("wrong-tenant");
    const elsewhere = await eventOf({ ...ours, storeId: other.storeId }, ours.agent);
    expect((await post(JSON.stringify(elsewhere))).body.code).to.equal("wrong-stream");
    const reserved = await signed({ eventType: "proofx.key.registered" });
    expect((await post(JSON.stringify(reserved))).body.code).to.equal("reserved-type");
  });

  it("paths with anything but what they are made of are refused, and never reach the database as text", async () => {
    for (const path of [
      `/v1/stores/${ours.storeId}'--/events`,
      `/v1/stores/${ours.storeId.toUpperCase()}/events`,
      `/v1/stores/${ours.storeId}/events/1e3`,
      `/v1/stores/${ours.storeId}/events/-1`,
      `/v1/stores/${ours.storeId}/events?from=9223372036854775808`,
      `/v1/stores/${ours.storeId}/events/by-id/x`,
      `/v1/stores/${ours.storeId}/agents/x/keys`,
      `/v1/stores/${ours.storeId}/batches/1.5`,
    ]) {
      const answer = await world.call(path, { credential: ours.credential });
      expect([answer.status, answer.body.code], path).to.deep.equal([400, "invalid-request"]);
    }
    const quoted = `/v1/stores/${ours.storeId}/entities/${encodeURIComponent("a'; --")}/${encodeURIComponent("../{}\\")}/events`;
    expect((await world.call(quoted, { credential: ours.credential })).body).to.deep.equal({
      events: [],
      next: null,
    });
    const zero = `/v1/stores/${ours.storeId}/entities/a/b%00c/events`;
    expect((await world.call(zero, { credential: ours.credential })).status).to.equal(400);
  });

  it("bytes that are no HTTP end that connection and nothing else", async () => {
    const { port } = new URL(world.url());
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () =>
        socket.end("POST /v1/stores HTTP/1.1\r\n\0\xff\r\n\r\n"),
      );
      socket
        .on("close", () => resolve())
        .on("error", () => undefined)
        .resume();
    });
    expect((await world.send(ours)).status).to.equal(201);
  });
});
