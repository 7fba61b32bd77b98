import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import type { Alert } from "../../../src/ops/alerts/index.ts";
import { verifyWebhook } from "../../../src/ops/sinks/index.ts";
import { type ProofxService, startProofx } from "../../support/proofx.ts";
import type { LyingNode } from "../relayer/lying-node.ts";
import { makeWorld, type World } from "../relayer/world.ts";
import { completeDeployment, grant, grantMany, nodesOf, until } from "./world.ts";

const SECRET = "a-secret-that-only-this-test-knows-0123456789";

describe("The watcher as a process that is killed", function () {
  this.timeout(120_000);
  let world: World;
  let node: LyingNode;
  let receiver: Server;
  let config: string;
  const told: Alert[] = [];
  const children: ProofxService[] = [];
  before(async () => {
    world = await makeWorld();
    await world.mine(4);
    [node] = (await nodesOf(world, 1)) as [LyingNode];
    receiver = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => {
        verifyWebhook(SECRET, request.headers, body);
        told.push((JSON.parse(body) as { alert: Alert }).alert);
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    config = await configuration();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.process.exitCode === null) await child.end("SIGKILL");
  });
  after(async () => {
    receiver?.closeAllConnections();
    await new Promise((resolve) => receiver?.close(resolve));
    await node?.close();
    await world?.close();
  });

  async function configuration(): Promise<string> {
    const secret = join(world.folder, "webhook-secret");
    writeFileSync(secret, `${SECRET}\n`, { mode: 0o600 });
    const file = join(world.folder, "watcher.toml");
    const { port } = receiver.address() as AddressInfo;
    writeFileSync(
      file,
      `[log]
[keys]
backend = "keystore"
folder = "${join(world.folder, "keys")}"
[watcher]
deployment = "${await completeDeployment(world)}"
rpc_urls = ["${node.url}"]
folder = "${join(world.folder, "state")}"
confirmations = 2
poll = 1
[watcher.http]
port = 0
[health]
disks = []
[alerts]
folder = "${join(world.folder, "alerts")}"
[[alerts.sink]]
kind = "webhook"
name = "receiver"
url = "http://127.0.0.1:${port}/"
secret_file = "${secret}"
`,
    );
    return file;
  }

  async function spawn(): Promise<ProofxService> {
    const child = await startProofx(["watcher", "--config", config], world.environment);
    children.push(child);
    return child;
  }
  const active = async (child: ProofxService): Promise<Alert[]> =>
    ((await (await fetch(`${child.url}/v1/alerts`)).json()) as { alerts: Alert[] }).alerts;
  const phases = (rule: string) => told.filter((alert) => alert.rule === rule).map(({ phase }) => phase);
  const come = (rule: string, wanted: readonly string[]) =>
    until(
      () => phases(rule).join() === wanted.join(),
      () => [told.map(({ key, phase }) => [key, phase]), children.map((child) => child.log())],
    );
  const followed = async (child: ProofxService) => {
    const tip = Number(await world.node("eth_blockNumber", []));
    const block = async () =>
      ((await (await fetch(`${child.url}/v1/watcher`)).json()) as { block?: number }).block;
    await until(
      async () => (await block()) === tip,
      () => child.log(),
    );
  };

  it("a pause stays open through kill -9 and ends once it is over; what came in between is told", async () => {
    const { verifier, actors } = world.system;
    const child = await spawn();
    await followed(child);
    await verifier.connect(actors.guardian).pause();
    await come("Paused", ["unconfirmed"]);
    await world.mine(2);
    await come("Paused", ["unconfirmed", "open"]);
    await child.end("SIGKILL");
    await grant(world, 1);
    await world.mine(2);
    const again = await spawn();
    await come("RoleGranted", ["open"]);
    expect((await active(again)).map(({ rule }) => rule)).to.include("Paused");
    await again.end("SIGKILL");
    expect(phases("Paused")).to.deep.equal(["unconfirmed", "open"]);
    await verifier.connect(actors.admin).unpause();
    const third = await spawn();
    await come("Paused", ["unconfirmed", "open", "resolved"]);
    expect((await active(third)).map(({ rule }) => rule)).to.not.include("Paused");
    expect(await third.end("SIGTERM")).to.equal(0);
  });

  it("1,000 events that came while it was down are all delivered, each once", async () => {
    const child = await spawn();
    await followed(child);
    await child.end("SIGKILL");
    const hashes = await grantMany(world, 1_000, 100);

    await world.mine(2);
    told.length = 0;

    const again = await spawn();
    const keys = () => told.filter(({ rule }) => rule === "RoleGranted").map(({ key }) => key);
    await until(
      () => keys().length >= 1_000,
      () => [keys().length, again.log()],
    );
    expect(new Set(keys())).to.deep.equal(new Set(hashes.map((hash) => `RoleGranted/31337/${hash}/0`)));
    expect(await again.end("SIGTERM")).to.equal(0);
    expect(keys()).to.have.length(1_000);
  });
});
