import { expect } from "chai";
import { RULES } from "../../../src/ops/monitors/index.ts";
import { eventRules } from "../../../src/ops/render/events.ts";
import { findConfigFaults } from "../../../src/ops/render/oz-monitor/check.ts";
import { CHANNELS, type Channel, renderOzMonitor } from "../../../src/ops/render/oz-monitor/render.ts";
import type { RenderedFile } from "../../../src/ops/render/rendered.ts";
import { deploymentOn } from "./deployment.ts";

const DEPLOYMENT = deploymentOn("base-sepolia", "84532");
const render = (channel: Channel = "webhook"): RenderedFile[] =>
  renderOzMonitor(RULES, { deployment: DEPLOYMENT, confirmations: 12, blockSeconds: 2, channel });

/** The value of one file, by the end of its path. */
function contentOf(files: readonly RenderedFile[], ending: string): Record<string, unknown> {
  const text = files.find(({ path }) => path.endsWith(ending))?.text;
  return JSON.parse(text ?? "null") as Record<string, unknown>;
}

/** The same files with one value changed. */
function changed(ending: string, change: (value: never) => unknown): RenderedFile[] {
  return render().map(({ path, text }) =>
    path.endsWith(ending)
      ? { path, text: JSON.stringify(change(JSON.parse(text) as never)) }
      : { path, text },
  );
}

describe("configuration of OpenZeppelin Monitor", () => {
  it("has the network, and a monitor and a trigger for each rule that stands on an event", () => {
    const files = render();
    expect(files).to.have.length(2 + eventRules(RULES).length);
    expect(contentOf(files, "networks/base_sepolia.json")).to.deep.equal({
      network_type: "EVM",
      slug: "base_sepolia",
      name: "ProofX base-sepolia",
      rpc_urls: [{ type_: "rpc", url: { type: "environment", value: "PROOFX_RPC_URL" }, weight: 100 }],
      chain_id: 84532,
      block_time_ms: 2000,
      confirmation_blocks: 12,
      cron_schedule: "*/15 * * * * *",
      max_past_blocks: 43_213,
      store_blocks: false,
    });
    const { addresses, match_conditions, triggers } = contentOf(
      files,
      "base_sepolia_admin_transfer_accepted.json",
    );
    expect((addresses as { address: string }[]).map(({ address }) => address)).to.deep.equal(
      ["c", "b", "a"].map((digit) => `0x${digit.repeat(40)}`),
    );
    expect((match_conditions as { events: object[] }).events).to.deep.equal([
      { signature: "RoleGranted(bytes32,address,address)", expression: `role == '0x${"0".repeat(64)}'` },
    ]);
    const all = contentOf(files, "triggers/base_sepolia.json");
    const { config } = all[(triggers as string[])[0] ?? ""] as {
      config: { message: { title: string; body: string } };
    };
    expect(config.message.title).to.equal("[critical] AdminTransferAccepted");
    expect(config.message.body.split("\n")).to.include.members([
      `account: ${"$"}{events.0.args.account}`,
      `transaction: ${"$"}{transaction.hash}`,
      "What to do: docs/runbooks/AdminTransferAccepted.md",
    ]);
  });

  it("is the same text each time, whoever is told; secrets are named, never written", () => {
    expect(render()).to.deep.equal(render());
    for (const channel of CHANNELS) {
      const files = render(channel);
      expect(findConfigFaults(files), channel).to.deep.equal([]);
      expect(files.map(({ text }) => text).join(""), channel).not.to.match(/https?:/);
    }
  });

  for (const [what, files, fault] of [
    [
      "a field that it does not know",
      changed("sepolia.json", (it: object) => ({ ...it, severity: 1 })),
      "must NOT have additional properties",
    ],
    [
      "no confirmation at all",
      changed("networks/base_sepolia.json", (it: object) => ({ ...it, confirmation_blocks: 0 })),
      "/confirmation_blocks must be >= 1",
    ],
    [
      "a slug that is not one",
      changed("networks/base_sepolia.json", (it: object) => ({ ...it, slug: "base-sepolia" })),
      "/slug must match pattern",
    ],
    [
      "another network's monitor",
      changed("sepolia_upgraded.json", (it: object) => ({ ...it, networks: ["mainnet"] })),
      "ProofX Upgraded (base_sepolia): there is no network mainnet",
    ],
    [
      "a trigger that is nowhere",
      changed("sepolia_upgraded.json", (it: object) => ({ ...it, triggers: ["none"] })),
      "ProofX Upgraded (base_sepolia): there is no trigger none",
    ],
    [
      "a name that two have",
      changed("sepolia_upgraded.json", (it: object) => ({ ...it, name: "ProofX Paused (base_sepolia)" })),
      "two monitors are called ProofX Paused (base_sepolia)",
    ],
    [
      "an event without its specification",
      changed("sepolia_upgraded.json", (it: { addresses: object[] }) => ({
        ...it,
        addresses: it.addresses.map((each) => ({ ...each, contract_spec: [{ name: "Paused" }] })),
      })),
      "ProofX Upgraded (base_sepolia): the contract's specification has no event Upgraded(address)",
    ],
    [
      "a secret's value",
      changed("networks/base_sepolia.json", (it: object) => ({
        ...it,
        rpc_urls: [{ type_: "rpc", url: { type: "plain", value: "http://x" }, weight: 1 }],
      })),
      "/rpc_urls/0/url/type must be equal to one of the allowed values",
    ],
  ] as const) {
    it(`${what} is a fault`, () => {
      expect(findConfigFaults(files).join("\n")).to.contain(fault);
    });
  }

  it("a network without confirmations, which it would refuse, is refused here", () => {
    const target = { deployment: DEPLOYMENT, confirmations: 0, blockSeconds: 2, channel: "slack" } as const;
    expect(() => renderOzMonitor(RULES, target)).to.throw("--confirmations");
  });
});
