import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { CheckError, InputError, RefusedError } from "../../../src/core/errors.ts";
import type { Finding } from "../../../src/ops/alerts/index.ts";
import type { LyingNode } from "../relayer/lying-node.ts";
import { makeWorld, type World } from "../relayer/world.ts";
import {
  grant,
  KeptSink,
  nodesOf,
  type RunningWatcher,
  until,
  type WatcherOptions,
  watcherOf,
} from "./world.ts";

describe("The watcher", function () {
  this.timeout(60_000);
  let world: World;
  let folders = 0;
  const nodes: LyingNode[] = [];
  const running: RunningWatcher[] = [];
  const servers: Server[] = [];
  before(async () => {
    world = await makeWorld();
    await world.mine(4);
  });
  afterEach(async () => {
    for (const watcher of running.splice(0)) await watcher.close();
    for (const node of nodes.splice(0)) await node.close();
  });
  after(async () => {
    for (const server of servers) server.close();
    await world?.close();
  });

  /** Somebody outside who counts signs of life. */
  const deadMansSwitch = async () => {
    let beats = 0;
    const server = createServer((_request, response) => {
      beats += 1;
      response.end();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const file = join(world.folder, `heartbeat-${servers.length}`);
    const { port } = server.address() as AddressInfo;
    writeFileSync(file, `http://127.0.0.1:${port}/secret\n`, { mode: 0o600 });
    return { file, beats: () => beats };
  };

  const newFolder = () => join(world.folder, `watcher-${++folders}`);
  async function start(options: Partial<WatcherOptions> & { endpoints?: number } = {}) {
    nodes.push(...(await nodesOf(world, options.endpoints ?? 1)));
    const sink = options.sink ?? new KeptSink();
    const folder = options.folder ?? newFolder();
    const watcher = await watcherOf(world, { nodes, ...options, sink, folder });
    running.push(watcher);
    await until(
      () => watcher.watch.chainState() !== undefined && watcher.watch.view().probes.size > 0,
      () => watcher.watch.obstacles(),
    );
    return { watcher, sink, folder };
  }
  const stop = async (watcher: RunningWatcher) => {
    running.splice(running.indexOf(watcher), 1);
    await watcher.close();
  };
  const phases = (sink: KeptSink, rule: string, wanted: readonly string[], part?: string) =>
    until(
      () => sink.phases(rule, part).join() === wanted.join(),
      () => sink.told.map(({ key, phase, summary }) => [key, phase, summary]),
    );
  /** Grants a role and waits until it is told early and for good. */
  const granted = async (sink: KeptSink, n: number) => {
    const hash = await grant(world, n);
    await phases(sink, "RoleGranted", ["unconfirmed"], hash);
    await world.mine(2);
    await phases(sink, "RoleGranted", ["unconfirmed", "open"], hash);
  };
  const metric = async (watcher: RunningWatcher, line: string): Promise<number | undefined> => {
    const text = await (await fetch(`${watcher.url}/metrics`)).text();
    const found = text.split("\n").find((each) => each.startsWith(`proofx_watcher_${line}`));
    return found === undefined ? undefined : Number(found.split(" ").at(-1));
  };

  it("tells of a role granted at once, and again when it is final; its interface shows both", async () => {
    const { watcher, sink } = await start();
    const hash = await grant(world, 1);
    await phases(sink, "RoleGranted", ["unconfirmed"]);
    const shown = (await (await fetch(`${watcher.url}/v1/alerts`)).json()) as { alerts: object[] };
    expect(shown.alerts[0]).to.deep.include({ rule: "RoleGranted", phase: "unconfirmed", severity: "high" });
    await world.mine(2);
    await phases(sink, "RoleGranted", ["unconfirmed", "open"]);
    expect(sink.told[0]?.key).to.equal(`RoleGranted/31337/${hash}/0`);
    expect(
      await metric(watcher, 'chain_events_total{contract="ProofXVerifier",event="RoleGranted"'),
    ).to.equal(1);
    expect(await metric(watcher, 'alerts_total{phase="unconfirmed"')).to.equal(1);
    expect((await fetch(`${watcher.url}/ready`)).status).to.equal(200);
  });

  it("a pause stays open while the watcher is down, and ends once it is over", async () => {
    const { verifier, actors } = world.system;
    const { watcher, sink, folder } = await start();
    await verifier.connect(actors.guardian).pause();
    await phases(sink, "Paused", ["unconfirmed"]);
    await world.mine(2);
    await phases(sink, "Paused", ["unconfirmed", "open"]);
    await stop(watcher);
    const again = await start({ folder });
    await until(
      () => again.watcher.watch.view().probes.get("paused")?.findings[0]?.breached === true,
      () => [...again.watcher.watch.view().probes],
    );
    expect(again.watcher.watch.alerts.active().map(({ rule, phase }) => [rule, phase])).to.deep.include([
      "Paused",
      "open",
    ]);
    expect(again.sink.phases("Paused")).to.deep.equal([]);
    await verifier.connect(actors.admin).unpause();
    await phases(again.sink, "Paused", ["resolved"]);
  });

  it("outvotes an endpoint that lies about the past or the present, and reports it", async () => {
    const { watcher, sink } = await start({ endpoints: 3, settings: { lie_memory: 2 } });
    nodes[1]?.lie("eth_getLogs", () => []);
    await granted(sink, 2);
    // A lone liar's event is nobody's alert.
    nodes[1]?.lie("eth_getLogs", async ([filter], real) => {
      const made = structuredClone(await real()) as { topics: string[]; transactionHash: string }[];
      for (const log of made) log.transactionHash = `0x${"66".repeat(32)}`;
      return made.length > 0 ? made : [filter];
    });
    await granted(sink, 3);
    expect(sink.told.some(({ key }) => key.includes("66".repeat(32)))).to.equal(false);
    nodes[1]?.lie("eth_getBlockByNumber", async (_params, real) => ({
      ...((await real()) as object),
      hash: `0x${"55".repeat(32)}`,
    }));
    await phases(sink, "RpcDisagreement", ["open"]);
    expect(sink.told.find(({ rule }) => rule === "RpcDisagreement")?.labels.subject).to.equal("1");
    nodes[1]?.honest();
    await phases(sink, "RpcDisagreement", ["open", "resolved"]);
    expect(watcher.watch.chainState()?.final.number).to.be.greaterThan(0);
  });

  it("reports an endpoint that lags, one that claims blocks which are not there, and one that is gone", async () => {
    const { sink } = await start({ endpoints: 5 });
    const old = await world.node("eth_blockNumber", []);
    nodes[1]?.lie("eth_blockNumber", () => old);
    nodes[2]?.lie("eth_blockNumber", () => "0xffffff");
    await nodes[4]?.close();
    await world.mine(3);
    for (const subject of ["1", "2", "4"]) await phases(sink, "RpcDisagreement", ["open"], `/${subject}`);
    await granted(sink, 4);
    nodes[1]?.honest();
    await phases(sink, "RpcDisagreement", ["open", "resolved"], "/1");
  });

  it("says that it is blind when the nodes agree on nothing, and that it sees again", async () => {
    const switched = await deadMansSwitch();
    const heartbeat = { heartbeat_url_file: switched.file, heartbeat_every: 0.1 };
    const { watcher, sink } = await start({ endpoints: 2, settings: { stall_after: 1, ...heartbeat } });
    await until(
      () => switched.beats() > 1,
      () => "no heartbeat",
    );
    nodes[0]?.stall("*");
    await phases(sink, "DetectionStalled", ["open"]);
    expect(sink.told.at(-1)?.labels.subject).to.equal("chain");
    const beats = switched.beats();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(switched.beats()).to.equal(beats);
    const ready = await fetch(`${watcher.url}/ready`);
    expect(ready.status).to.equal(503);
    expect(await metric(watcher, 'stalled{source="chain"')).to.equal(1);
    await grant(world, 5);
    nodes[0]?.honest();
    await phases(sink, "DetectionStalled", ["open", "resolved"]);
    await until(
      () => switched.beats() > beats,
      () => "no heartbeat",
    );
    await phases(sink, "RoleGranted", ["unconfirmed"]);
  });

  it("says that it is blind when the nodes tell where the chain ends, and not what is in it", async () => {
    const { watcher, sink } = await start({ settings: { stall_after: 1 } });
    nodes[0]?.lie("eth_getLogs", () => {
      throw { code: -32601, message: "not in your plan" };
    });
    await world.mine(1);
    await phases(sink, "DetectionStalled", ["open"]);
    expect(watcher.watch.obstacles().join()).to.match(/^chain was not followed/);
    nodes[0]?.honest();
    await phases(sink, "DetectionStalled", ["open", "resolved"]);
  });

  it("says that nobody can be told while no sink takes anything, and gives no sign of life", async () => {
    const sink = new KeptSink();
    const switched = await deadMansSwitch();
    const heartbeat = { heartbeat_url_file: switched.file, heartbeat_every: 0.1 };
    const { watcher } = await start({ sink, settings: { stall_after: 1, ...heartbeat } });
    sink.down = true;
    await grant(world, 21);
    const blocked = () => watcher.watch.obstacles().filter((each) => each.startsWith("nobody can be told"));
    await until(() => blocked().length > 0, blocked);
    expect((await fetch(`${watcher.url}/ready`)).status).to.equal(503);
    const beats = switched.beats();
    await new Promise((resolve) => setTimeout(resolve, 500));
    // One may have been under way.
    expect(switched.beats()).to.be.lessThan(beats + 2);
    sink.down = false;
    await until(() => blocked().length === 0, blocked);
    expect(sink.phases("RoleGranted")).to.include("unconfirmed");
    await until(
      () => switched.beats() > beats + 1,
      () => "no heartbeat",
    );
  });

  it("a state lasts through looks that fail, and ends only when a look says so", async () => {
    let says: readonly Finding[] | Error = [];
    const finding = (breached: boolean | undefined): Finding => ({
      subject: "/data",
      breached,
      summary: "2 % free",
    });
    const look = async () => {
      if (says instanceof Error) throw says;
      return says;
    };
    const { watcher, sink } = await start({ probes: [{ name: "disk", every: 0.05, look }] });
    says = [finding(true)];
    await phases(sink, "DiskFilling", ["open"]);
    expect(await metric(watcher, 'probe_breached{probe="disk",subject="/data"')).to.equal(1);
    says = new Error("no answer");
    await until(
      async () => (await metric(watcher, 'probe_failed{probe="disk"')) === 1,
      () => "no failure in the metrics",
    );
    says = [finding(undefined)];
    await until(
      async () => (await metric(watcher, 'probe_failed{probe="disk",subject="/data"')) === 1,
      () => "no failure in the metrics",
    );
    expect(sink.phases("DiskFilling")).to.deep.equal(["open"]);
    says = [finding(false)];
    await phases(sink, "DiskFilling", ["open", "resolved"]);
  });

  it("tells Prometheus which states a maintenance window keeps quiet, for as long as it does", async () => {
    const { watcher } = await start();
    expect(await metric(watcher, 'silenced{rule="DiskFilling"')).to.equal(0);
    const { alerts } = watcher.watch;
    const soon = { until: Date.now() + 3_600_000, reason: "new disks", by: "alice" };
    const { id } = await alerts.silence({ ...soon, rules: ["DiskFilling"] });
    await alerts.silence({ ...soon, from: Date.now() + 1_800_000 });
    expect(await metric(watcher, 'silenced{rule="DiskFilling"')).to.equal(1);
    expect(await metric(watcher, 'silenced{rule="BalanceLow"'), "not yet").to.equal(0);
    await alerts.unsilence(id, "alice");
    expect(await metric(watcher, 'silenced{rule="DiskFilling"')).to.equal(0);
  });

  it("is one process a folder, refuses a damaged checkpoint, and another chain's", async () => {
    const { watcher, folder, sink } = await start();
    const refused = async (kind: new (message: string) => Error, says: string) => {
      const error = await watcherOf(world, { folder, nodes }).then(
        async (other) => other.close().then(() => undefined),
        (caught: unknown) => caught,
      );
      expect(error).to.be.instanceOf(kind);
      expect((error as Error).message).to.contain(says);
    };
    await refused(RefusedError, "another watcher works in");
    for (const n of [6, 7, 8]) await granted(sink, n);
    await stop(watcher);
    const path = join(folder, "watcher", "chain.checkpoint");
    const kept = readFileSync(path, "utf8");
    const [head = "", first = "", ...rest] = kept.trimEnd().split("\n");
    writeFileSync(path, [head, first.replace(/"number":\d+/, '"number":1'), ...rest, ""].join("\n"));
    await refused(CheckError, "line 2 is damaged");
    writeFileSync(path, [head, first, ...rest.slice(1), ""].join("\n"));
    await refused(CheckError, "line 3 is damaged");
    writeFileSync(path, kept.replace("chain 31337", "chain 1"));
    await refused(CheckError, "is of chain 1");
    writeFileSync(path, kept);
    nodes[0]?.lie("eth_chainId", () => "0x1");
    await refused(InputError, "serves another chain");
  });
});
