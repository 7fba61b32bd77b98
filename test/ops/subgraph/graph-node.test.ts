import { expect } from "chai";
import { readDeploymentFile } from "../../../src/chain/deployment.ts";
import { type GraphNode, startGraphNode } from "../../../src/ops/graph-node.ts";
import { buildSubgraph, placesOf } from "../../../src/ops/subgraph/project.ts";
import { ask, readHead, readLag } from "../../../src/ops/subgraph/query.ts";
import { atBlock, readyQueries, readyQuery } from "../../../src/ops/subgraph/ready.ts";
import { AGENT, type AttestingOperator, startAttestingOperator } from "../../support/attesting.ts";
import { proofx } from "../../support/proofx.ts";
import { needsGnd, startRecordingGraphNode } from "./support.ts";

const STORE = "570e0000-0000-4000-8000-00000000000b";
const AGENT_BYTES = `0x${AGENT.replaceAll("-", "")}`;

type Answer = Record<string, Record<string, unknown>[]>;

describe("the subgraph on a real graph-node", function () {
  this.timeout(400_000);

  let operator: AttestingOperator;
  let node: GraphNode;
  let stream: string;
  /** Newest block before the signer was distrusted. */
  let trusted: number;

  const tip = () => operator.provider.getBlockNumber();
  const run = (name: string, variables: Record<string, unknown> = {}, block?: number): Promise<Answer> => {
    const { text } = readyQuery(name);
    return ask<Answer>(node.url, block === undefined ? text : atBlock(text, block), variables);
  };
  /** Waits until it has taken in the chain's newest block itself, not only one of its height. */
  const caughtUp = async (): Promise<void> => {
    for (let tries = 0; tries < 600; tries += 1) {
      const [head, seen] = await Promise.all([operator.provider.getBlock("latest"), readHead(node.url)]);
      expect(seen.failed, "a handler failed").to.equal(false);
      if (head?.hash === seen.hash) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("the subgraph did not catch up");
  };
  const attestation = async (block?: number) => {
    const { subjects } = await run("AgentAttestations", { agent: AGENT_BYTES }, block);
    return (subjects?.[0] as { attestations: Record<string, unknown>[] } | undefined)?.attestations[0];
  };

  before(async function () {
    needsGnd(this);
    operator = await startAttestingOperator();
    stream = await operator.openStream(STORE);
    const event = await operator.anchorEvent({ store: STORE, batch: "one", amount: "8400" });
    await operator.onChain(
      `prove --batch @one.json --event ${event} --facts @one.facts.json --policy 1 --submitter #submitter --out @proof.json`,
    );
    await operator.onChain("attest --proof @proof.json --signer signer --key submitter");
    const deployment = readDeploymentFile(`${operator.deployments}/local.json`);
    const project = "build/subgraph/test-chain";
    await buildSubgraph(project, "local", placesOf(deployment));
    node = await startGraphNode({ project, network: "local", rpcUrl: operator.rpcUrl });
    await caughtUp();
  });
  after(async () => {
    await node?.close();
    await operator?.close();
  });

  it("finds the agent, stream and batch of an attestation in its transaction, and says that it stands", async () => {
    const { subjects } = await run("AgentAttestations", { agent: AGENT_BYTES });
    expect(subjects).to.have.lengthOf(1);
    expect(subjects?.[0]).to.deep.include({ agentId: AGENT_BYTES, stream: { id: stream } });
    expect(await attestation()).to.deep.include({
      state: "STANDING",
      policy: { id: "1", active: true },
      batch: { id: `${stream}-1-0`, status: "LIVE" },
      batchEnd: "1",
      signer: { id: operator.accounts.signer?.toLowerCase() },
    });
    expect((await run("Days")).days?.[0]).to.deep.include({ proofsVerified: 1, eventsAnchored: "1" });
  });

  it("follows distrust and a pause as they happen, and still knows what was before", async () => {
    trusted = await tip();
    await operator.onChain("pause --key guardian");
    await operator.onChain("distrust --signer #signer --since 2020-01-01T00:00:00Z --key admin");
    await caughtUp();
    expect((await attestation())?.state).to.equal("VOID");
    expect((await run("FallenAttestations")).attestations).to.have.lengthOf(1);
    const [pause] = (await run("PauseHistory")).pauses ?? [];
    expect(pause).to.deep.include({ account: operator.accounts.guardian?.toLowerCase(), endedAt: null });
    expect((await attestation(trusted))?.state).to.equal("STANDING");
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
    await provider.send("hardhat_mine", ["0x3"]);
    await caughtUp();
    expect(await ended()).to.equal(null);
    expect(await readLag(node.url, tip)).to.equal(0);
  });

  it("is asked, built and handed over by commands", async () => {
    const lag = await proofx(["subgraph", "lag", "--rpc", operator.rpcUrl, "--url", node.url, "--json"]);
    expect(JSON.parse(lag.stdout), lag.stderr).to.deep.include({ blocks: 0, failed: false });
    const asked = await proofx(["subgraph", "query", "Streams", "--url", node.url, "--json"]);
    expect(JSON.parse(asked.stdout).streams[0], asked.stderr).to.deep.include({ id: stream, end: "1" });

    const receiver = await startRecordingGraphNode();
    try {
      const words = ["subgraph", "deploy", "proofx", "--node", receiver.node, "--ipfs", receiver.ipfs];
      const about = ["--deployment", `${operator.deployments}/local.json`, "--network", "sepolia", "--json"];
      const dry = await proofx([...words, ...about, "--dry-run"]);
      expect(dry.code, dry.stderr).to.equal(0);
      expect([receiver.calls, receiver.files]).to.deep.equal([[], []]);
      const sent = await proofx([...words, ...about]);
      expect(sent.code, sent.stderr).to.equal(0);
      expect(receiver.calls.map(({ method }) => method)).to.deep.equal([
        "subgraph_create",
        "subgraph_deploy",
      ]);
      expect(receiver.calls[1]?.params.name).to.equal("proofx");
      const manifest = receiver.files.at(-1) ?? "";
      expect(manifest).to.contain("network: sepolia").and.to.contain("prune: never");
      const { verifier } = readDeploymentFile(`${operator.deployments}/local.json`).contracts;
      expect(manifest.toLowerCase()).to.contain((verifier?.address ?? "none").toLowerCase());
    } finally {
      await receiver.close();
    }
  });

  it("runs every query of the page", async () => {
    const variables: Record<string, unknown> = { agent: AGENT_BYTES, stream };
    const filled = new Set<string>();
    for (const { name, text } of readyQueries()) {
      const answer = await ask<Answer>(node.url, text, variables);
      if (Object.values(answer).flat().length > 0) filled.add(name);
      if (name !== "Synced") await ask(node.url, atBlock(text, trusted), variables);
    }
    // Nothing was refused, vetoed or scheduled on this chain.
    const empty = readyQueries().flatMap(({ name }) => (filled.has(name) ? [] : [name]));
    expect(empty).to.deep.equal(["RefusedProofs", "Vetoes", "Scheduled"]);
  });
});
