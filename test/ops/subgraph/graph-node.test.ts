import { writeFileSync } from "node:fs";
import { expect } from "chai";
import { readDeploymentFile } from "../../../src/chain/deployment.ts";
import type { GraphNode } from "../../../src/ops/graph-node.ts";
import { untilWithin } from "../../../src/ops/subgraph/catch-up.ts";
import { ask, readHead } from "../../../src/ops/subgraph/query.ts";
import { atBlock, readyQueries, readyQuery } from "../../../src/ops/subgraph/ready.ts";
import { AGENT, type AttestingOperator, startAttestingOperator } from "../../support/attesting.ts";
import { type ProofxService, proofx, startProofx } from "../../support/proofx.ts";
import { needsGnd } from "./support.ts";

const STORE = "570e0000-0000-4000-8000-00000000000b";
/** Of the stream that is vetoed and cut. */
const SECOND_STORE = "570e0000-0000-4000-8000-00000000000c";
/** Seconds until one of its batches counts. */
const MATURITY = 600;
const DELAY = 3_600;
/** Milliseconds until a subgraph has to be where its chain is, however busy the machine. */
const PATIENCE = 180_000;
/** Where nobody answers: what a dry run would send goes nowhere. */
const NOWHERE = "http://127.0.0.1:1";
const AGENT_BYTES = `0x${AGENT.replaceAll("-", "")}`;

type Answer = Record<string, Record<string, unknown>[]>;
interface Subject {
  readonly stream: { readonly id: string };
  readonly attestations: readonly Record<string, unknown>[];
}

describe("the subgraph on a real graph-node", function () {
  this.timeout(400_000);

  let operator: AttestingOperator;
  let service: ProofxService;
  let node: Pick<GraphNode, "url" | "admin" | "ipfs" | "status">;
  let stream: string;
  let second: string;
  /** Newest block before the signer was distrusted. */
  let trusted: number;

  const tip = () => operator.provider.getBlockNumber();
  const run = (name: string, variables: Record<string, unknown> = {}, block?: number): Promise<Answer> => {
    const { text } = readyQuery(name);
    return ask<Answer>(node.url, block === undefined ? text : atBlock(text, block), variables);
  };
  const prove = (batch: string, event: string) =>
    operator.onChain(
      `prove --batch @${batch}.json --event ${event} --facts @${batch}.facts.json --policy 1 --submitter #submitter --out @${batch}.proof.json`,
    );
  /** Waits until it has taken in the chain's newest block itself, not only one of its height. */
  const caughtUp = async (url = node.url): Promise<void> => {
    const began = performance.now();
    let nudge = 5_000;
    for (;;) {
      // What was deployed a moment ago has nothing to say yet.
      const asked = readHead(url).catch(() => undefined);
      const [head, seen] = await Promise.all([operator.provider.getBlock("latest"), asked]);
      expect(seen?.failed, "a handler failed").to.not.equal(true);
      if (head?.hash === seen?.hash) return;
      const waited = performance.now() - began;
      if (waited > PATIENCE)
        throw new Error(`the subgraph is at ${seen?.number}, the chain at ${head?.number}`);
      // One that missed the notice of a block looks for it after 30 seconds, or when there is another. Ever more seldom: a node that is
      // busy never meets a chain that grows all the time.
      if (waited > nudge) {
        await operator.provider.send("evm_mine", []);
        nudge *= 2;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const attestation = async (of: string, block?: number) => {
    const { subjects = [] } = await run("AgentAttestations", { agent: AGENT_BYTES }, block);
    const found = (subjects as unknown as Subject[]).find(({ stream: { id } }) => id === of);
    return found?.attestations[0];
  };
  /** Batches of the second stream that do not stand, by id. */
  const fallenBatches = async () => {
    const { batches = [] } = await run("Vetoes");
    return Object.fromEntries(batches.map(({ id, status }) => [id, status]));
  };

  const verifierOf = async () => {
    const { contracts = [] } = await run("Admins");
    return contracts.find(({ name }) => name === "ProofXVerifier") ?? {};
  };

  const deploy = (admin: string, ipfs: string): string[] => [
    ...["subgraph", "deploy", "proofx", "--node", admin, "--ipfs", ipfs, "--json"],
    ...["--deployment", `${operator.deployments}/local.json`],
  ];

  before(async function () {
    needsGnd(this);
    operator = await startAttestingOperator({ timelock_delay: `${DELAY}` });
    stream = await operator.openStream(STORE);
    await prove("one", await operator.anchorEvent({ store: STORE, batch: "one", amount: "8400" }));
    await operator.onChain("attest --proof @one.proof.json --signer signer --key submitter");
    const about = ["--deployment", `${operator.deployments}/local.json`, "--rpc", operator.rpcUrl];
    service = await startProofx(["subgraph", "dev", ...about, "--port", "0"]);
    const said = (what: string): string => new RegExp(`${what} (http:\\S+)`).exec(service.log())?.[1] ?? "";
    node = { url: service.url, admin: said("--node"), ipfs: said("--ipfs"), status: said("--status") };
    await caughtUp();
  });
  after(async () => {
    const ended = await service?.end("SIGINT");
    await operator?.close();
    expect([0, undefined]).to.include(ended);
  });

  it("finds the agent, stream and batch of an attestation in its transaction, and says that it stands", async () => {
    const { subjects } = await run("AgentAttestations", { agent: AGENT_BYTES });
    expect(subjects).to.have.lengthOf(1);
    expect(subjects?.[0]).to.deep.include({ agentId: AGENT_BYTES, stream: { id: stream } });
    expect(await attestation(stream)).to.deep.include({
      state: "STANDING",
      policy: { id: "1", active: true },
      batch: { id: `${stream}-1-0`, status: "LIVE" },
      batchEnd: "1",
      signer: { id: operator.accounts.signer?.toLowerCase() },
    });
    expect((await run("Days")).days?.[0]).to.deep.include({ proofsVerified: 1, eventsAnchored: "1" });
  });

  it("tells the proofs of one transaction apart, each with its own stream and batch, and knows of one that does not hold", async () => {
    const again = await operator.anchorEvent({ store: STORE, batch: "two", previous: "one", amount: "9100" });
    second = await operator.openStream(SECOND_STORE, MATURITY);
    const other = await operator.anchorEvent({ store: SECOND_STORE, batch: "three", amount: "9200" });
    await prove("two", again);
    await prove("three", other);
    // The second stream's claim, with the first one's proof.
    const { proof } = operator.json<{ proof: object }>("two.proof.json");
    const unproved = { ...operator.json<object>("three.proof.json"), proof };
    writeFileSync(operator.path("false.proof.json"), JSON.stringify(unproved));
    await operator.pass(MATURITY);
    const attest = "attest --signer signer --key submitter --proof";
    const unheld = await operator.type(`${attest} @false.proof.json --send-invalid --network local`);
    expect(unheld.stdout, unheld.stderr).to.contain("RECORDED AS FAILED");
    const both = ["two", "three"].map((name) => operator.path(`${name}.proof.json`)).join(",");
    await operator.onChain(`${attest} ${both}`);
    await caughtUp();

    const standing = { state: "STANDING", policy: { id: "1", active: true } };
    expect(await attestation(stream)).to.deep.include({ ...standing, batchEnd: "2" });
    const batch = { id: `${second}-1-0`, status: "LIVE" };
    expect(await attestation(second)).to.deep.include({ ...standing, batchEnd: "1", batch });
    const { proofChecks } = await run("RefusedProofs");
    expect(proofChecks).to.have.lengthOf(1);
    expect(proofChecks?.[0]).to.deep.include({ batchEnd: "1", subject: { agentId: AGENT_BYTES } });
    expect((await run("Days")).days?.[0]).to.deep.include({ proofsVerified: 3, proofsRefused: 1 });
  });

  it("follows a veto, a reopening that takes an attestation with it, and an upgrade", async () => {
    const late = { store: SECOND_STORE, batch: "four", previous: "three", amount: "1" };
    await operator.anchorEvent(late);
    await operator.onChain(`stream veto --stream ${second} --batch 2 --key guardian`);
    await operator.onChain(`stream anchorer --stream ${second} --suspend --key admin`);
    const reopen = `stream reopen --stream ${second} --keep 0 --key admin`;
    await operator.onChain(reopen);
    await operator.onChain(
      "upgrade schedule --contract ProofXVerifierNext__Harness --deployer deployer --key admin",
    );
    await caughtUp();
    expect(await fallenBatches()).to.deep.equal({ [`${second}-2-0`]: "VETOED" });
    expect((await run("Scheduled")).timelockOperations).to.have.lengthOf(2);
    const { implementation } = await verifierOf();

    await operator.pass(DELAY);
    await operator.onChain(reopen);
    await operator.onChain("upgrade execute --key admin");
    await caughtUp();
    expect(await fallenBatches()).to.deep.equal({ [`${second}-1-0`]: "CUT", [`${second}-2-0`]: "CUT" });
    expect((await run("Vetoes")).reopenings?.[0]).to.deep.include({ epoch: 1, keptIndex: 0, cutCount: "2" });
    expect([(await attestation(stream))?.state, (await attestation(second))?.state]).to.deep.equal([
      "STANDING",
      "VOID",
    ]);
    const { upgrades } = await run("Upgrades");
    const { verifierImplementation } = readDeploymentFile(`${operator.deployments}/local.json`).contracts;
    expect(upgrades?.[0]).to.deep.include({
      implementation: verifierImplementation?.address.toLowerCase(),
      previousImplementation: implementation,
    });
    expect((await verifierOf()).implementation).to.equal(upgrades?.[0]?.implementation);
    expect((await run("Scheduled")).timelockOperations).to.deep.equal([]);
  });

  it("follows distrust and a pause as they happen, and still knows what was before", async () => {
    trusted = await tip();
    await operator.onChain("pause --key guardian");
    await operator.onChain("distrust --signer #signer --since 2020-01-01T00:00:00Z --key admin");
    await caughtUp();
    expect((await attestation(stream))?.state).to.equal("VOID");
    expect((await run("FallenAttestations")).attestations).to.have.lengthOf(2);
    const [pause] = (await run("PauseHistory")).pauses ?? [];
    expect(pause).to.deep.include({ account: operator.accounts.guardian?.toLowerCase(), endedAt: null });
    expect((await attestation(stream, trusted))?.state).to.equal("STANDING");
    expect((await run("PauseHistory", {}, trusted)).pauses).to.deep.equal([]);
  });

  it("takes back what a reorganisation undid", async () => {
    const { provider } = operator;
    const before = await tip();
    const snapshot: string = await provider.send("evm_snapshot", []);
    await operator.onChain("unpause --key admin");
    await caughtUp();
    const ended = async () => (await run("PauseHistory")).pauses?.[0]?.endedAt;
    expect(await ended()).to.be.a("string");
    await provider.send("evm_revert", [snapshot]);
    expect(await tip()).to.equal(before);
    // Other blocks, and more of them: the longer chain is the one that counts.
    for (let i = 0; i < 3; i += 1) await provider.send("evm_mine", []);
    await caughtUp();
    expect(await ended()).to.equal(null);
    expect((await untilWithin(node.url, tip, 0, 0)).blocks).to.equal(0);
  });

  it("is asked by commands, and handed over to a node that stays, with its files in IPFS", async () => {
    const lag = await proofx(["subgraph", "lag", "--rpc", operator.rpcUrl, "--url", node.url, "--json"]);
    expect(JSON.parse(lag.stdout), lag.stderr).to.deep.include({ blocks: 0, failed: false });
    const asked = await proofx(["subgraph", "query", "Streams", "--url", node.url, "--json"]);
    expect(JSON.parse(asked.stdout).streams[0], asked.stderr).to.deep.include({ id: stream, end: "2" });

    const deployed = node.url.replace(/[^/]+$/, "proofx");
    const dry = await proofx([...deploy(NOWHERE, NOWHERE), "--dry-run"]);
    expect(dry.code, dry.stderr).to.equal(0);
    const sent = await proofx(deploy(node.admin, node.ipfs));
    expect(sent.code, sent.stderr).to.equal(0);
    const about = ["--rpc", operator.rpcUrl, "--url", deployed, "--status", node.status];
    const waited = await proofx(["subgraph", "lag", ...about, "--limit", "0", "--wait", "120", "--json"]);
    expect(JSON.parse(waited.stdout), waited.stderr).to.deep.include({ blocks: 0, failed: false });
    const { streams } = await ask<Answer>(deployed, readyQuery("Streams").text);
    expect(streams).to.have.lengthOf(2);
    const { _meta } = await ask<{ _meta: { deployment: string } }>(deployed, "{ _meta { deployment } }");
    const cat = await fetch(`${node.ipfs}/api/v0/cat?arg=${_meta.deployment}`, { method: "POST" });
    const manifest = await cat.text();
    expect(manifest).to.contain("network: local").and.to.contain("prune: never");
    expect(manifest).to.contain("/ipfs/Qm").and.not.to.contain("./");
  });

  it("runs every query of the page", async () => {
    const variables: Record<string, unknown> = { agent: AGENT_BYTES, stream };
    const filled = new Set<string>();
    for (const { name, text } of readyQueries()) {
      const answer = await ask<Answer>(node.url, text, variables);
      if (Object.values(answer).flat().length > 0) filled.add(name);
      if (name !== "Synced") await ask(node.url, atBlock(text, trusted), variables);
    }
    // Nothing waits in the timelock any more.
    const empty = readyQueries().flatMap(({ name }) => (filled.has(name) ? [] : [name]));
    expect(empty).to.deep.equal(["Scheduled"]);
  });
});
