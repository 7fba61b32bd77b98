import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { contributeAt } from "../../../src/services/coordinator/contribute.ts";
import { announceNamed, readCeremony } from "../../../src/setup/ceremony/index.ts";
import { keyOf, openWorkshop, PEOPLE, type Workshop } from "../../setup/support/ceremony.ts";
import { keepWorkers } from "../../setup/support/small.ts";
import { type ProofxService, startProofx } from "../../support/proofx.ts";
import { Visitor } from "./support/desk.ts";

describe("A coordinator that is killed", function () {
  this.timeout(120_000);
  keepWorkers();
  let shop: Workshop;
  let service: ProofxService | undefined;
  let config: string;

  before(async () => {
    shop = await openWorkshop();
    await shop.begin({ beacon: announceNamed("a value of the next century", new Date("2100-01-01")) });
    config = join(shop.folder, "../proofx.toml");
  });
  afterEach(() => kill());

  const kill = async (): Promise<void> => {
    await service?.end("SIGKILL");
    service = undefined;
  };

  /** Starts `proofx coordinator` as an operator does. @returns its URL. */
  async function start(port: number): Promise<string> {
    const lines = [
      "[log]",
      'level = "silent"',
      "[coordinator]",
      `ceremony = ${JSON.stringify(shop.folder)}`,
      `ptau = ${JSON.stringify(shop.given.ptau)}`,
      `state = ${JSON.stringify(join(shop.folder, "../state"))}`,
      "[coordinator.http]",
      `port = ${port}`,
    ];
    writeFileSync(config, `${lines.join("\n")}\n`);
    service = await startProofx(["coordinator", "--config", config]);
    return service.url;
  }

  it("in the middle of an upload keeps what arrived, the turn and the queue", async () => {
    const url = await start(0);
    const [ada, blaise] = [new Visitor(url, shop, 0), new Visitor(url, shop, 1)];
    const { config: fixed } = await readCeremony(shop.folder);
    await ada.join(fixed.id);
    await blaise.join(fixed.id);
    const zkey = join(shop.folder, "../made.zkey");
    const record = await ada.make(shop.folder, zkey, new Date());
    const bytes = new Uint8Array(readFileSync(zkey));
    const path = await ada.begin(bytes.length);
    expect((await ada.patch(path, 0, bytes.slice(0, 1000))).status).to.equal(204);
    const unfinished = ada.patch(path, 1000, bytes.slice(1000, 1500)).catch(() => undefined);
    await kill();
    await unfinished;

    const again = await start(0);
    const later = [new Visitor(again, shop, 0), new Visitor(again, shop, 1)] as const;
    [later[0].token, later[1].token] = [ada.token, blaise.token];
    const offset = await later[0].offset(path);
    expect(offset).to.be.oneOf([1000, 1500]);
    expect((await later[1].ask("GET", "/v1/turn")).body).to.include({ state: "waiting", ahead: 1 });
    expect((await later[0].patch(path, offset, bytes.slice(offset))).status).to.equal(204);
    expect((await later[0].submit(record)).status).to.equal(201);
    expect((await later[1].ask("GET", "/v1/turn")).body.state).to.equal("turn");
  });

  it("again and again is no matter to a contributor, whose command goes on by itself", async () => {
    const url = await start(0);
    const port = Number(new URL(url).port);
    // Blaise waits since the test before; the turn comes to the next one once Blaise is done.
    const blaise = { name: PEOPLE[1], keys: shop.keys, key: keyOf(1) };
    await contributeAt({ url, folder: join(shop.folder, "../copy-of-1"), who: blaise, note: () => {} });
    let kills = 0;
    const restarts: Promise<unknown>[] = [];
    const record = await contributeAt({
      url,
      folder: join(shop.folder, "../copy-of-2"),
      who: { name: PEOPLE[2], keys: shop.keys, key: keyOf(2) },
      pollMs: 50,
      chunkBytes: 1_000,
      note: (line) => {
        if (!line.startsWith("uploaded") || kills >= 2) return;
        kills += 1;
        restarts.push(
          kill()
            .then(() => sleep(50))
            .then(() => start(port)),
        );
      },
    });
    await Promise.all(restarts);
    expect(kills).to.equal(2);
    expect((await readCeremony(shop.folder)).contributions.at(-1)).to.deep.equal(record);
  });
});
