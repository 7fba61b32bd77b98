import type { StoryStep } from "../context.ts";

interface VerifyJson {
  readonly ok: boolean;
  readonly comparisons: readonly { readonly name: string; readonly ok: boolean }[];
}

interface CeremonyJson {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
}

export const check: StoryStep = {
  id: "check",
  title: "Check the deployment and the trusted setup from scratch, as a stranger would",
  expected: { first: 15, again: 15 },
  code: ["src/chain/verify.ts", "src/setup/index.ts"],
  async run({ task, facts }) {
    const deployment = await task<VerifyJson>(["deployment", "verify"], { network: "story" });
    const ceremony = await task<CeremonyJson>(["ceremony", "verify"], { network: "story" });
    facts.checked = { deployment: deployment.ok, ceremony: ceremony.ok };
    return {
      result: `${deployment.comparisons.length} comparisons and ${ceremony.checks.length} checks, all well`,
      inputs: { source: "contracts/, circuits/", deployment: "build/story/deployments/story.json" },
      outputs: {
        deployment: deployment.comparisons.map(({ name }) => name),
        "trusted setup": ceremony.checks.map(({ name }) => name),
      },
    };
  },
};
