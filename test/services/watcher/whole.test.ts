import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type RunningAlertmanager, startAlertmanager } from "../../../scripts/checks/runbook/alertmanager.ts";
import { type Recorded, type StubReceiver, startStub } from "../../ops/sinks/stub-receiver.ts";
import { needs } from "../../support/needs.ts";
import { type ProofxService, startProofx } from "../../support/proofx.ts";
import { LyingNode } from "../relayer/lying-node.ts";
import { makeWorld, type World } from "../relayer/world.ts";
import { completeDeployment, grant, grantMany } from "./world.ts";

const PAGER = "/v2/enqueue";
const CHAT = "/services/slack";

/** What a test expects of a page. */
interface Page {
  readonly action: string;
  readonly key: string;
  readonly rule: string | undefined;
  readonly phase: string | undefined;
}

/** Chain, watcher, a real Alertmanager, and what stands for PagerDuty and Slack, as one system. */
describe("The watcher, from the chain to the people on call", function () {
  this.timeout(180_000);
  let world: World;
  let receiver: StubReceiver;
  let alertmanager: RunningAlertmanager;
  let nodes: LyingNode[] = [];
  let watcher: ProofxService | undefined;
  let config: string;

  before(async function () {
    needs(this, {
      command: "prometheus-alertmanager",
      install: "apt-get install --no-install-recommends prometheus-alertmanager",
    });
    world = await makeWorld();
    receiver = await startStub();
    alertmanager = await startAlertmanager({
      folder: join(world.folder, "alertmanager"),
      receiver: `${receiver.url}/alertmanager`,
    });
    nodes = await Promise.all([1, 2, 3].map(() => LyingNode.start(world.node)));
    config = await writeConfig();
    await world.mine(8);
    watcher = await start();
  });
  after(async () => {
    await watcher?.end("SIGTERM");
    await alertmanager?.close();
    for (const node of nodes) await node.close();
    await receiver?.close();
    await world?.close();
  });

  async function writeConfig(): Promise<string> {
    const secret = (name: string, text: string): string => {
      const file = join(world.folder, name);
      writeFileSync(file, `${text}\n`, { mode: 0o600 });
      return file;
    };
    const file = join(world.folder, "watcher.toml");
    writeFileSync(
      file,
      `[log]
level = "warn"

[keys]
folder = "${join(world.folder, "keys")}"

[watcher]
deployment = "${await completeDeployment(world)}"
rpc_urls = [${nodes.map(({ url }) => `"${url}"`).join(", ")}]
rpc_quorum = 2
folder = "${join(world.folder, "watcher")}"
confirmations = 3
poll = 1

[watcher.http]
port = 0

[alerts]
folder = "${join(world.folder, "alerts")}"

[[alerts.sink]]
kind = "pagerduty"
name = "on-call"
routing_key_file = "${secret("routing-key", "0123456789abcdef0123456789abcdef")}"
url = "${receiver.url}${PAGER}"
interval = 0

[[alerts.sink]]
kind = "slack"
name = "channel"
url_file = "${secret("slack-url", `${receiver.url}${CHAT}`)}"
rules = ["Paused"]
interval = 0

[[alerts.sink]]
kind = "alertmanager"
name = "alertmanager"
urls = ["${alertmanager.url}"]
`,
    );
    return file;
  }

  const start = (): Promise<ProofxService> => startProofx(["watcher", "--config", config], world.environment);
  const sent = (path: string): Recorded[] => receiver.got.filter((each) => each.path === path);
  const pages = (): Page[] =>
    sent(PAGER).map(({ body }) => ({
      action: body.event_action,
      key: body.dedup_key,
      rule: body.payload?.class,
      phase: body.payload?.custom_details.phase,
    }));
  const pagesOf = (transaction: string): string[] =>
    pages()
      .filter(({ key }) => key.includes(transaction))
      .map(({ action, phase }) => (action === "trigger" ? `${action} ${phase}` : action));

  /** Looks until it is so; the test's own time limit ends it. */
  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const end = Date.now() + 90_000;
    while (!(await holds())) {
      if (Date.now() > end)
        throw new Error(`${what} did not come; pages: ${JSON.stringify(pages().slice(-10))}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Rules that Alertmanager holds for firing. */
  async function firing(): Promise<string[]> {
    const answer = await fetch(`${alertmanager.url}/api/v2/alerts?active=true`);
    const list = (await answer.json()) as { labels: Record<string, string> }[];
    return list.map(({ labels }) => labels.alertname ?? "").sort();
  }

  it("a role that is granted pages before its block is final, and again when it is", async () => {
    const hash = await grant(world, 1);
    await until("the early page", () => pagesOf(hash).includes("trigger unconfirmed"));
    expect(pagesOf(hash)).to.deep.equal(["trigger unconfirmed"]);
    await world.mine(3);
    await until("the final page", () => pagesOf(hash).length > 1);
    expect(pagesOf(hash)).to.deep.equal(["trigger unconfirmed", "trigger open"]);
    expect(await firing()).to.contain("RoleGranted");
  });

  it("a reorganisation takes back what was told of its blocks", async () => {
    const snapshot = await world.node("evm_snapshot", []);
    const hash = await grant(world, 2);
    await until("the early page", () => pagesOf(hash).length === 1);
    await world.node("evm_revert", [snapshot]);
    await world.mine(5);
    await until("the retraction", () => pagesOf(hash).length > 1);
    expect(pagesOf(hash)).to.deep.equal(["trigger unconfirmed", "resolve"]);
  });

  it("a pause stays open through a watcher that is killed, and ends when attesting goes on", async () => {
    const { verifier, actors } = world.system;
    const { hash } = await verifier.connect(actors.guardian).pause();
    await world.mine(3);
    await until("the page", () => pagesOf(hash).includes("trigger open"));
    const ended = await watcher?.end("SIGKILL");
    expect(ended).to.equal("SIGKILL");
    expect(await firing(), "while nobody watches").to.contain("Paused");
    watcher = await start();
    await world.mine(1);
    expect(pagesOf(hash)).to.not.contain("resolve");
    expect(await firing(), "watched again").to.contain("Paused");
    await verifier.connect(actors.admin).unpause();
    await world.mine(3);
    await until("the end", () => pagesOf(hash).includes("resolve"));
    await until("Alertmanager's end", async () => !(await firing()).includes("Paused"));
    expect(sent(CHAT).map(({ text }) => /Paused/.test(text))).to.include(true);
  });

  it("a node that lies is outvoted, and somebody hears of it", async () => {
    const [liar] = nodes;
    const forged = await grant(world, 3);
    liar?.lie("eth_getLogs", () => []);
    liar?.lie("eth_getBlockByNumber", async (_params, real) => ({
      ...((await real()) as object),
      hash: `0x${"ab".repeat(32)}`,
    }));
    const hash = await grant(world, 4);
    await world.mine(3);
    await until("what happened, all the same", () => pagesOf(hash).includes("trigger open"));
    expect(pagesOf(forged)).to.contain("trigger open");
    await until("the page about the liar", () => pages().some(({ rule }) => rule === "RpcDisagreement"));
    liar?.honest();
  });

  it("a node that lags holds nothing up, and somebody hears of it until it has caught up", async () => {
    const opened = (action: string): boolean =>
      pages().some((page) => page.key === "RpcDisagreement/1" && page.action === action);
    const behind = nodes[1];
    const old = await world.node("eth_blockNumber", []);
    behind?.lie("eth_blockNumber", () => old);
    const hash = await grant(world, 5);
    await world.mine(8);
    await until("what happened, all the same", () => pagesOf(hash).includes("trigger open"));
    await until("the page about the one that lags", () => opened("trigger"));
    behind?.honest();
    await until("its end", () => opened("resolve"));
  });

  it("a thousand events while nobody watched are all told, each of them once, under a key of its own", async () => {
    await watcher?.end("SIGKILL");
    const hashes = await grantMany(world, 1_000, 100);
    await world.mine(4);
    const before = sent(PAGER).length;
    watcher = await start();
    const wanted = new Set(hashes);
    const opened = (): string[] =>
      pages()
        .slice(before)
        .filter(({ action, phase }) => action === "trigger" && phase === "open")
        .map(({ key }) => key)
        .filter((key) => wanted.has(key.split("/")[2] ?? ""));
    await until("all of them", () => new Set(opened()).size >= 1_000);
    // What is promised is at least once; nothing was killed while it was sent, so it is once. What waits would be a repetition.
    await until("an empty queue", async () => {
      const metrics = await (await fetch(`${watcher?.url}/metrics`)).text();
      return /^proofx_watcher_sink_queued\{[^}]*sink="on-call"[^}]*\} 0$/m.test(metrics);
    });
    expect(await watcher?.end("SIGTERM")).to.equal(0);
    const keys = opened();
    expect(new Set(keys).size, "keys").to.equal(1_000);
    expect(keys.length, "pages").to.equal(1_000);
  });
});
