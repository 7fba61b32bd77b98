import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { RULES } from "../../../src/ops/monitors/index.ts";
import { type DefenderAccount, openDefender } from "../../../src/ops/render/defender/account.ts";
import {
  DEFENDER_NETWORKS,
  type DefenderMonitor,
  defenderMonitors,
  ownedPrefix,
} from "../../../src/ops/render/defender/monitors.ts";
import { applySync, planSync, type SyncStep } from "../../../src/ops/render/defender/sync.ts";
import { eventRules } from "../../../src/ops/render/events.ts";
import { deploymentOn } from "./deployment.ts";
import { type RecordedDefender, startRecordedDefender } from "./recorded-defender.ts";

const DEPLOYMENT = deploymentOn("sepolia", "11155111");
const OWNED = ownedPrefix(DEPLOYMENT);
const CHANNELS = ["on-call"];

describe("monitors of OpenZeppelin Defender, through its SDK", () => {
  const monitors = defenderMonitors(RULES, { deployment: DEPLOYMENT, confirmations: 5 });
  const folder = mkdtempSync(join(tmpdir(), "proofx-defender-"));
  const credentialsFile = join(folder, "credentials");
  let stub: RecordedDefender;
  let account: DefenderAccount;

  const plan = async (wanted: readonly DefenderMonitor[] = monitors, channels = CHANNELS) =>
    planSync(wanted, channels, await account.list(), OWNED);
  const sync = async (wanted = monitors, channels = CHANNELS): Promise<SyncStep[]> => {
    const done: SyncStep[] = [];
    await applySync(account, await plan(wanted, channels), channels, (step) => done.push(step));
    return done;
  };
  const posted = (id: string): Record<string, unknown> => {
    const request = stub.requests.find(
      ({ method, body }) => method === "POST" && body?.stackResourceId === `${OWNED}${id}`,
    );
    return request?.body ?? {};
  };

  before(async () => {
    writeFileSync(credentialsFile, "key:secret\n", { mode: 0o600 });
    stub = await startRecordedDefender("key:secret");
    account = await openDefender({ endpoint: stub.endpoint, credentialsFile });
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await stub.close();
  });

  it("each rule that stands on an event is posted with its event, condition, contracts and severity", async () => {
    expect(await sync()).to.have.length(eventRules(RULES).length);
    for (const { id, source } of eventRules(RULES)) {
      const [rule] = posted(id).addressRules as [{ conditions: object[]; addresses: string[] }];
      // The SDK drops a signature that it does not find in the ABI, and posts a monitor that matches nothing.
      expect(rule.conditions, id).to.have.length(1);
      expect(rule.conditions[0], id).to.deep.include({ txConditions: [], functionConditions: [] });
      expect(rule.addresses, id).to.have.length(source.contracts.length);
    }
    expect(posted("ProofRejected")).to.deep.include({
      name: "ProofX ProofRejected (sepolia)",
      network: "sepolia",
      blockWatcherId: "sepolia-5",
      riskCategory: "SUSPICIOUS",
      paused: false,
    });
    const [rule] = posted("ProofRejected").addressRules as [{ conditions: [{ eventConditions: object[] }] }];
    expect(rule.conditions[0].eventConditions).to.deep.equal([
      {
        eventSignature: "ProofVerified(address,uint256,uint256,bool,uint64,uint32)",
        expression: "verified == false",
      },
    ]);
    expect(posted("RoleGranted").notifyConfig).to.deep.include({
      severityLevel: "HIGH",
      messageSubject: "[high] RoleGranted: A role was granted",
    });
  });

  it("a second sync does nothing; a changed, a paused and a retired monitor are put right; others' are left alone", async () => {
    expect(await sync()).to.deep.equal([]);
    const [first, second] = [...stub.monitors.values()] as [Record<string, unknown>, Record<string, unknown>];
    first.paused = true;
    second.notifyConfig = { ...(second.notifyConfig as object), severityLevel: "LOW" };
    stub.monitors.set("old", { ...first, monitorId: "old", stackResourceId: `${OWNED}NoSuchRule` });
    stub.monitors.set("theirs", { ...first, monitorId: "theirs", stackResourceId: "somebody/sepolia/else" });
    const { stackResourceId: _none, ...unnamed } = first;
    stub.monitors.set("by-hand", { ...unnamed, monitorId: "by-hand" });

    const steps = await sync();
    expect(steps.map((step) => [step.act, step.act === "update" ? step.fields.join() : ""])).to.deep.equal([
      ["update", "paused"],
      ["update", "severityLevel"],
      ["delete", ""],
    ]);
    expect(await plan()).to.deep.equal([]);
    expect([...stub.monitors.keys()])
      .to.include.members(["theirs", "by-hand"])
      .and.not.include("old");
  });

  it("other channels are an update of every monitor", async () => {
    const steps = await plan(monitors, ["others"]);
    expect(steps).to.have.length(monitors.length);
    expect(
      steps.every((step) => step.act === "update" && step.fields.join() === "notificationChannels"),
    ).to.equal(true);
  });

  it("a monitor that was created although the answer was lost is found by the next sync, not made twice", async () => {
    const [victim] = monitors as [DefenderMonitor];
    for (const [id, { stackResourceId }] of stub.monitors)
      if (stackResourceId === victim.stackResourceId) stub.monitors.delete(id);
    stub.loseNext("POST");
    await sync().catch((error: Error) => expect(error.message).to.contain(`create ${victim.name}`));
    await sync();
    const ours = [...stub.monitors.values()].filter(
      (each) => each.stackResourceId === victim.stackResourceId,
    );
    expect(ours).to.have.length(1);
    expect(await plan()).to.deep.equal([]);
  });

  it("a file without credentials, one that others may read, and a revoked key are refused without the secret", async () => {
    const wrong = join(folder, "wrong");
    const messageOf = (promise: Promise<unknown>) => promise.then(() => expect.fail("it was taken"), String);
    const open = () => openDefender({ endpoint: stub.endpoint, credentialsFile: wrong });
    writeFileSync(wrong, "only-a-key\n", { mode: 0o600 });
    expect(await messageOf(open()))
      .to.contain("expected KEY:SECRET")
      .and.not.contain("only-a-key");
    writeFileSync(wrong, "key:secret\n");
    chmodSync(wrong, 0o644);
    expect(await messageOf(open()))
      .to.contain("wrong")
      .and.not.contain("secret");

    stub.revoke();
    const refused = await messageOf(account.list());
    expect(refused).to.contain("RefusedError").and.contain("does not take these credentials");
    expect(refused).not.to.contain("secret");
  });

  it("networks are called as the SDK calls them", () => {
    const require = createRequire(createRequire(import.meta.url).resolve("@openzeppelin/defender-sdk"));
    const sdk = require("@openzeppelin/defender-sdk-base-client") as { toChainId(name: string): number };
    for (const [chainId, name] of Object.entries(DEFENDER_NETWORKS))
      expect(sdk.toChainId(name), name).to.equal(Number(chainId));
    const elsewhere = { deployment: deploymentOn("somewhere", "4711"), confirmations: 1 };
    expect(() => defenderMonitors(RULES, elsewhere)).to.throw("--defender-network");
    expect(defenderMonitors(RULES, { ...elsewhere, network: "ours" })[0]?.network).to.equal("ours");
  });
});
