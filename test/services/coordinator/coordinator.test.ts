import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect } from "chai";
import { CheckError, RefusedError } from "../../../src/core/errors.ts";
import { type ContributeAtRequest, contributeAt } from "../../../src/services/coordinator/contribute.ts";
import {
  acceptContribution,
  readCeremony,
  recordText,
  verifyCeremony,
} from "../../../src/setup/ceremony/index.ts";
import { contribute } from "../../../src/setup/phase2.ts";
import { CONTRIBUTE, DUE, keyOf, openWorkshop, PEOPLE, type Workshop } from "../../setup/support/ceremony.ts";
import { keepWorkers } from "../../setup/support/small.ts";
import { type Desk, openDesk, Visitor } from "./support/desk.ts";

describe("The coordinator of a ceremony", function () {
  this.timeout(120_000);
  keepWorkers();
  let shop: Workshop;
  let folder: string;
  let id: string;
  let desk: Desk;

  before(async () => {
    shop = await openWorkshop();
    id = (await shop.begin()).config.id;
  });

  beforeEach(async () => {
    folder = await shop.copy();
    desk = await openDesk(shop, folder);
  });
  afterEach(() => desk.close());

  const visitor = async (person: number): Promise<Visitor> => {
    const visitor = new Visitor(desk.url, shop, person);
    await visitor.join(id);
    return visitor;
  };
  const file = (name: string): string => join(folder, "..", name);
  const bytesOf = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));

  const contributeAs = (person: number, more: Partial<ContributeAtRequest> = {}) =>
    contributeAt({
      url: desk.url,
      folder: file(`copy-of-${person}`),
      who: { name: PEOPLE[person] ?? "", keys: shop.keys, key: keyOf(person) },
      note: () => {},
      now: () => CONTRIBUTE,
      pollMs: 20,
      ...more,
    });

  it("takes three contributors who come at once, one after another, and the ceremony holds", async () => {
    const records = await Promise.all([0, 1, 2].map((person) => contributeAs(person, { chunkBytes: 1000 })));
    expect(records.map(({ index }) => index).sort()).to.deep.equal([1, 2, 3]);
    await shop.finish(folder);
    const { r1cs } = shop.given.circuit;
    expect((await verifyCeremony({ folder, r1cs, ptau: shop.given.ptau })).firstWrong).to.equal(undefined);
    // A contributor's copy, with the own key as its last, is a ceremony, too.
    const copy = await verifyCeremony({ folder: file("copy-of-1"), r1cs, ptau: shop.given.ptau });
    expect(copy).to.include({ firstWrong: undefined, ok: true, finished: false });
    // An operator may put old keys away: only the latest is needed.
    rmSync(join(folder, "keys/0001.zkey"));
    const gone = await new Visitor(desk.url, shop, 0).ask("GET", "/v1/keys/1");
    expect([gone.status, gone.code]).to.deep.equal([404, "not-found"]);
    // Whoever is done finds out that it is, and nothing is left of the uploads.
    expect((await contributeAs(1)).name).to.equal(PEOPLE[1]);
    expect(readdirSync(join(desk.state, "uploads"))).to.deep.equal([]);
  });

  it("describes its interface in OpenAPI 3.1", async () => {
    const document = (await (await fetch(`${desk.url}/v1/openapi.json`)).json()) as Record<string, unknown>;
    const { valid, errors } = await new Validator().validate(document);
    expect(errors).to.equal(undefined);
    expect(valid).to.equal(true);
  });

  describe("keeps a contributor out", () => {
    it("whose key drops an earlier contribution, and the next one's turn comes", async () => {
      await contributeAs(0);
      const [bad, good] = [await visitor(1), await visitor(2)];
      const record = await bad.make(folder, file("good.zkey"));
      await contribute(join(folder, "keys/0000.zkey"), file("bad.zkey"), PEOPLE[1]);
      const bytes = bytesOf(file("bad.zkey"));
      const path = await bad.begin(bytes.length);
      expect((await bad.patch(path, 0, bytes)).status).to.equal(204);
      const refused = await bad.submit(record);
      expect([refused.status, refused.code]).to.deep.equal([422, "contribution-refused"]);
      expect(refused.detail).to.contain("the uploaded key: the key of the attestation: expected 0x");
      expect(refused.detail).not.to.contain(folder);
      expect((await readCeremony(folder)).contributions).to.have.length(1);
      expect((await good.ask("GET", "/v1/turn")).body.state).to.equal("turn");

      const again = await contributeAs(1).catch((error: unknown) => error);
      expect(again).to.be.instanceOf(RefusedError);
      await desk.close();
      desk = await openDesk(shop, folder);
      expect(String(await contributeAs(1).catch((error: unknown) => error))).to.contain("may not contribute");
    });

    it("who is not expected, or contributed already", async () => {
      const invited = join(folder, "../002-invited");
      await shop.begin({ folder: invited, contributors: shop.publicKeys.slice(0, 1) });
      const other = await openDesk(shop, invited, { state: file("other-state") });
      try {
        const who = { name: PEOPLE[1], keys: shop.keys, key: keyOf(1) };
        const request = { url: other.url, folder: file("copy"), who, note: () => {} };
        expect(String(await contributeAt(request).catch((error: unknown) => error))).to.contain(
          "publicKey of an expected contributor",
        );
      } finally {
        await other.close();
      }
    });
  });

  describe("an upload", () => {
    it("that is interrupted goes on where it stopped", async () => {
      const ada = await visitor(0);
      const record = await ada.make(folder, file("made.zkey"));
      const bytes = bytesOf(file("made.zkey"));
      const path = await ada.begin(bytes.length);
      const arrived = (): number => statSync(join(desk.state, "uploads", basename(path))).size;
      await breakOff(desk.url + path, ada.token, bytes.subarray(0, 1500), () => arrived() === 1500);
      const offset = await ada.offset(path);
      expect(offset).to.equal(1500);
      expect((await ada.submit(record)).code).to.equal("upload-conflict");
      // The broken request may still be about to end.
      let again = await ada.patch(path, 0, bytes);
      while (again.code === "upload-busy") again = await ada.patch(path, 0, bytes);
      expect(again.code).to.equal("upload-conflict");
      expect((await ada.patch(path, offset, bytes.slice(offset))).status).to.equal(204);
      expect((await ada.submit(record)).status).to.equal(201);
      // Whoever did not get the answer asks again.
      expect((await ada.submit(record)).status).to.equal(201);
    });

    it("is refused beyond its length, beyond what a key can have, without its protocol, or to others", async () => {
      const [ada, blaise] = [await visitor(0), await visitor(1)];
      const path = await ada.begin(10);
      expect((await ada.patch(path, 0, new Uint8Array(11))).code).to.equal("too-large");
      expect(await ada.offset(path)).to.be.at.most(10);
      expect(await ada.begin(100_000)).to.equal("refused: too-large");
      expect((await ada.ask("HEAD", path, { "tus-resumable": "0.2.2" })).status).to.equal(412);
      expect((await ada.ask("PATCH", path, { "upload-offset": "0" })).status).to.be.oneOf([400, 415]);
      expect((await blaise.ask("HEAD", path)).status).to.equal(409);
      expect((await blaise.patch(path, 0, new Uint8Array(1))).code).to.equal("not-your-turn");
      expect(await blaise.begin(10)).to.equal("refused: not-your-turn");
      const stranger = new Visitor(desk.url, shop, 2);
      expect((await stranger.ask("HEAD", path)).status).to.equal(400);
      stranger.token = "0".repeat(64);
      expect((await stranger.patch(path, 0, new Uint8Array(1))).code).to.equal("not-authenticated");
    });

    it("names no file: a path outside is none", async () => {
      const ada = await visitor(0);
      for (const path of ["/v1/uploads/..%2F..%2Fqueue.json", "/v1/keys/..%2Fceremony.json", "/v1/keys/7"]) {
        const { status } = await ada.ask(path.includes("keys") ? "GET" : "HEAD", path);
        expect(status, path).to.be.oneOf([400, 404]);
      }
    });
  });

  describe("a contributor whose command was stopped while it uploaded", () => {
    /** Runs the command until the coordinator has some of the key. */
    async function stopped(): Promise<void> {
      const stop = new Error("stopped");
      const note = (line: string): void => {
        if (/uploaded [1-9]/.test(line)) throw stop;
      };
      const error = await contributeAs(0, { chunkBytes: 1000, note }).catch((each: unknown) => each);
      expect(error).to.equal(stop);
    }

    it("goes on with what it made and with what was uploaded", async () => {
      await stopped();
      const made = readFileSync(join(file("copy-of-0"), "keys/own-1.json"), "utf8");
      const lines: string[] = [];
      const record = await contributeAs(0, { note: (line) => lines.push(line) });
      expect(recordText(record)).to.equal(made);
      expect(lines.find((line) => line.startsWith("uploaded"))).to.match(/^uploaded 1000 of/);
    });

    it("begins the upload again when its files are lost: nothing is mixed, nobody is kept out", async () => {
      await stopped();
      rmSync(file("copy-of-0"), { recursive: true });
      expect((await contributeAs(0)).index).to.equal(1);
    });
  });

  describe("a turn", () => {
    it("that times out passes on, and its upload is gone", async () => {
      const [ada, blaise] = [await visitor(0), await visitor(1)];
      const path = await ada.begin(10);
      await ada.patch(path, 0, new Uint8Array(5));
      expect((await blaise.ask("GET", "/v1/turn")).body).to.include({ state: "waiting", ahead: 1 });
      desk.time = new Date(desk.time.getTime() + 61_000);
      expect((await blaise.ask("GET", "/v1/turn")).body.state).to.equal("turn");
      expect((await ada.ask("HEAD", path)).status).to.equal(401);
      expect(readdirSync(join(desk.state, "uploads"))).to.deep.equal([]);
      await ada.join(id);
      expect((await ada.ask("GET", "/v1/turn")).body).to.include({ state: "waiting", ahead: 1 });
      const metrics = await (await fetch(`${desk.url}/metrics`)).text();
      expect(metrics).to.match(/turns_total\{outcome="passed-on"[^}]*\} 1/);
    });

    it("survives a restart, with its upload", async () => {
      const ada = await visitor(0);
      await ada.make(folder, file("made.zkey"));
      const bytes = bytesOf(file("made.zkey"));
      const path = await ada.begin(bytes.length);
      await ada.patch(path, 0, bytes.slice(0, 700));
      await desk.close();
      desk = await openDesk(shop, folder);
      const after = new Visitor(desk.url, shop, 0);
      after.token = ada.token;
      expect(await after.offset(path)).to.equal(700);
    });

    it("goes on with the new key when the operator accepts a file meanwhile", async () => {
      const [ada, blaise] = [await visitor(0), new Visitor(desk.url, shop, 1)];
      const record = await ada.make(folder, file("stale.zkey"));
      const bytes = bytesOf(file("stale.zkey"));
      await ada.patch(await ada.begin(bytes.length), 0, bytes);
      const attestation = recordText(await blaise.make(folder, file("brought.zkey")));
      const { ptau } = shop.given;
      const zkey = file("brought.zkey");
      await acceptContribution({ folder, attestation, zkey, ptau, now: () => CONTRIBUTE });
      expect((await ada.submit(record)).code).to.equal("stale-key");
      expect((await contributeAs(0)).index).to.equal(2);
    });

    it("is nobody's once the beacon is due", async () => {
      const ada = await visitor(0);
      const record = await ada.make(folder, file("made.zkey"));
      const bytes = bytesOf(file("made.zkey"));
      desk.time = DUE;
      await ada.join(id).catch(() => {});
      expect((await ada.submit(record)).code).to.equal("closed");
      expect(bytes.length).to.be.above(0);
      expect(String(await contributeAs(1).catch((error: unknown) => error))).to.contain(
        "no more contributions",
      );
    });
  });

  describe("a place in the queue", () => {
    it("is for whoever has the key: a forged signature, an old challenge and another's name are refused", async () => {
      const [ada, blaise] = [new Visitor(desk.url, shop, 0), new Visitor(desk.url, shop, 1)];
      const { signature } = await blaise.joinRequest(id);
      const forged = [
        await ada.joinRequest(id, { signature }),
        await ada.joinRequest(id, { name: "Mallory" }),
        await ada.joinRequest(id, { publicKey: shop.publicKeys[1] ?? "" }),
        await ada.joinRequest(id, { challenge: `0x${"00".repeat(64)}` }),
        await ada.joinRequest(`0x${"00".repeat(32)}`),
      ];
      for (const each of forged) expect((await ada.postJoin(each)).code).to.equal("not-authenticated");
      const good = await ada.joinRequest(id);
      expect((await ada.postJoin(good)).status).to.equal(201);
      expect((await ada.postJoin(good)).code).to.equal("not-authenticated");
      const late = await ada.joinRequest(id);
      desk.time = new Date(desk.time.getTime() + 121_000);
      expect((await ada.postJoin(late)).code).to.equal("not-authenticated");
    });

    it("is limited", async () => {
      await desk.close();
      desk = await openDesk(shop, folder, { queue_limit: 1 });
      await visitor(0);
      await visitor(1);
      const answer = await new Visitor(desk.url, shop, 2).join(id);
      expect([answer.status, answer.headers.get("retry-after")]).to.deep.equal([429, "60"]);
    });
  });

  it("that shows another history than before is found out by the contributor's copy", async () => {
    await contributeAs(0);
    const copy = file("copy-of-0");
    const path = join(copy, "contributions/0001.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"index": 1', '"index": 2'));
    const error = await contributeAs(0).catch((each: unknown) => each);
    expect(error).to.be.instanceOf(CheckError);
    expect(String(error)).to.contain("another record than it did before");
  });

  it("does not begin without a sound ceremony, nor with the queue of another one", async () => {
    const { state } = desk;
    await visitor(0);
    await desk.close();
    const other = join(folder, "../003-other");
    await shop.begin({ folder: other });
    const start = openDesk(shop, other, { state });
    expect(String(await start.catch((error: unknown) => error))).to.contain("queue.json: ceremony: expected");
    const path = join(folder, "ceremony.json");
    writeFileSync(path, readFileSync(path, "utf8").replace("001-small", "002-small"));
    expect(String(await openDesk(shop, folder).catch((error: unknown) => error))).to.contain("ceremony.json");
    expect(existsSync(state)).to.equal(true);
    writeFileSync(path, readFileSync(path, "utf8").replace("002-small", "001-small"));
    desk = await openDesk(shop, folder);
  });
});

/** Sends the beginning of a body that was announced as longer, and cuts the connection once it has arrived. */
async function breakOff(
  url: string,
  token: string,
  bytes: Uint8Array,
  arrived: () => boolean,
): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    "tus-resumable": "1.0.0",
    "upload-offset": "0",
    "content-type": "application/offset+octet-stream",
    "content-length": String(bytes.length + 1000),
  };
  const outgoing = request(url, { method: "PATCH", headers });
  const closed = new Promise<void>((resolve) => {
    outgoing.on("error", () => {}).on("close", () => resolve());
  });
  outgoing.write(bytes);
  while (!arrived()) await sleep(5);
  outgoing.destroy();
  await closed;
}
