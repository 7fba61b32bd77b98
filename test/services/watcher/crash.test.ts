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
import { completeDeployment, grantMany, nodesOf, until } from "./world.ts";

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
        // A message that a kill cut off is none.
        if (!request.complete) return;
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
range = 3
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
  const followed = async (child: ProofxService) => {
    const tip = Number(await world.node("eth_blockNumber", []));
    const block = async () =>
      ((await (await fetch(`${child.url}/v1/watcher`)).json()) as { block?: number }).block;
    await until(
      async () => (await block()) === tip,
      () => child.log(),
    );
  };

  it("killed again and again while it catches up, it loses nothing, and what it tells twice has one key", async () => {
    const first = await spawn();
    await followed(first);
    await first.end("SIGKILL");
    const hashes = await grantMany(world, 200, 10);
    await world.mine(2);
    const keys = () => told.filter(({ rule }) => rule === "RoleGranted").map(({ key }) => key);
    for (const some of [1, 80]) {
      const child = await spawn();
      await until(
        () => keys().length >= some,
        () => [keys().length, child.log()],
      );
      await child.end("SIGKILL");
    }
    const last = await spawn();
    await until(
      () => new Set(keys()).size >= hashes.length,
      () => [keys().length, last.log()],
    );
    expect(new Set(keys())).to.deep.equal(new Set(hashes.map((hash) => `RoleGranted/31337/${hash}/0`)));
    // What was under way when it was killed.
    expect(keys().length - hashes.length).to.be.at.most(2);
    expect(await last.end("SIGTERM")).to.equal(0);
  });
});
