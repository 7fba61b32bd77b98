import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { aleoSection } from "../../../src/aleo/settings.ts";
import { found, probeOf } from "./support.ts";

const REGISTRY = "agent_registry_v3.aleo";
const VERIFIER = "trust_verifier_v3.aleo";
const WINDOW = 60;

/** A node's REST interface over blocks that a test makes up, one each ten seconds. */
class CannedLedger {
  readonly #server: Server;
  readonly mappings = new Map<string, string>();
  /** Transactions of each block, the newest last. */
  blocks: ("accepted" | "rejected")[][] = [];
  /** Seconds since the newest block. */
  age = 1;
  /** Milliseconds that each answer takes. */
  delay = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      const answer = this.#answer(new URL(request.url ?? "/", "http://ledger"));
      void sleep(this.delay).then(() => {
        response.statusCode = answer === undefined ? 404 : 200;
        response.end(JSON.stringify(answer ?? "not found"));
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }

  #answer({ pathname, searchParams }: URL): unknown {
    const path = pathname.replace("/testnet/", "");
    if (path === "block/height/latest") return this.blocks.length - 1;
    if (path === "block/latest") return this.#block(this.blocks.length - 1);
    if (path === "blocks") {
      const [start, end] = [Number(searchParams.get("start")), Number(searchParams.get("end"))];
      return Array.from({ length: end - start }, (_, index) => this.#block(start + index));
    }
    const [, program, mapping, key] = /^program\/(.+)\/mapping\/(.+)\/(.+)$/.exec(path) ?? [];
    return program === undefined ? undefined : (this.mappings.get(`${program} ${mapping} ${key}`) ?? null);
  }

  #block(height: number): object {
    const timestamp = Math.floor(Date.now() / 1000) - this.age - 10 * (this.blocks.length - 1 - height);
    const call = { id: "au1", program: REGISTRY, function: "stake", inputs: [], outputs: [] };
    const transactions = (this.blocks[height] ?? []).map((status, index) => ({
      status,
      type: "execute",
      index,
      transaction: {
        type: status === "accepted" ? "execute" : "fee",
        id: `at${height}-${index}`,
        execution: { transitions: [call] },
      },
    }));
    const metadata = { network: 1, height, timestamp };
    return {
      block_hash: `ab${height}`,
      previous_hash: `ab${height - 1}`,
      header: { metadata },
      transactions,
    };
  }
}

describe("probes of Aleo", () => {
  const folder = mkdtempSync(join(tmpdir(), "proofx-aleo-probes-"));
  const ledger = new CannedLedger();
  let url: string;
  before(async () => {
    url = await ledger.start();
  });
  beforeEach(() => {
    ledger.age = 1;
    ledger.delay = 0;
    ledger.blocks = quiet(15 * 6);
  });
  after(() => {
    ledger.close();
    rmSync(folder, { recursive: true });
  });

  const quiet = (count: number) => Array.from({ length: count }, () => ["accepted" as const]);

  function probe(name: string, changes: object = {}) {
    const alerts = { window: WINDOW, earlier_windows: 12, response_time: 1_000, ...changes };
    const settings = { ...aleoSection.parse({ url, folder, alerts }), url };
    return probeOf(name, {}, { aleo: { settings } });
  }

  it("aleo-paused: each program by itself", async () => {
    ledger.mappings.set(`${REGISTRY} roles 0u8`, "aleo1admin").set(`${VERIFIER} paused true`, "true");
    expect((await found(probe("aleo-paused"), REGISTRY)).breached).to.equal(false);
    expect((await found(probe("aleo-paused"), VERIFIER)).breached).to.equal(true);
  });

  it("aleo-stalled: when the newest block is too old", async () => {
    expect((await found(probe("aleo-stalled"))).breached).to.equal(false);
    ledger.age = 121;
    expect((await found(probe("aleo-stalled"))).breached).to.equal(true);
  });

  it("aleo-failure-rate: above the share that is borne, and not from a handful of transactions", async () => {
    const window = (rejected: number, all: number) => {
      const statuses = Array.from(
        { length: all },
        (_, index) => (index < rejected ? "rejected" : "accepted") as "rejected",
      );
      ledger.blocks = [...quiet(90), statuses];
    };
    window(1, 15);
    expect((await found(probe("aleo-failure-rate"))).breached).to.equal(false);
    window(5, 15);
    const failing = await found(probe("aleo-failure-rate"));
    expect(failing.breached).to.equal(true);
    expect(failing.value).to.be.within(0.2, 0.35);
    ledger.blocks = [...Array.from({ length: 90 }, () => []), ["rejected"]];
    const few = await found(probe("aleo-failure-rate"));
    expect(few.breached).to.equal(false);
    expect(few.summary).to.include("not enough data");
  });

  it("aleo-activity: unusually many transactions against the windows before", async () => {
    expect((await found(probe("aleo-activity"))).breached).to.equal(false);
    ledger.blocks = [...quiet(90), Array.from({ length: 40 }, () => "accepted" as const)];
    expect((await found(probe("aleo-activity"))).breached).to.equal(true);
  });

  it("aleo-response-time: 95 of 100 calls of the node against the limit", async () => {
    expect((await found(probe("aleo-response-time"))).breached).to.equal(false);
    ledger.delay = 20;
    const slow = await found(probe("aleo-response-time", { response_time: 15 }));
    expect(slow.breached).to.equal(true);
    expect(slow.value).to.be.at.least(19);
  });

  it("are unknown, one and all, when no node answers", async () => {
    const settings = { ...aleoSection.parse({ folder, request_timeout: 1 }), url: "http://127.0.0.1:9" };
    for (const name of ["aleo-stalled", "aleo-failure-rate", "aleo-activity"])
      expect((await found(probeOf(name, {}, { aleo: { settings } }))).breached, name).to.equal(undefined);
  });
});
