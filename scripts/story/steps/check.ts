import type { StoryStep } from "../context.ts";

interface VerifyJson {
  readonly ok: boolean;
  readonly comparisons: readonly { readonly name: string; readonly ok: boolean }[];
}

export const check: StoryStep = {
  id: "check",
  title: "Check the deployment against the source, as a stranger would",
  expected: { first: 2, again: 2 },
  code: ["src/chain/verify.ts", "tasks/deploy/verify.ts"],
  async run({ task, facts }) {
    const deployment = await task<VerifyJson>(["deployment", "verify"], { network: "story" });
    facts.deploymentHolds = deployment.ok;
    return {
      result: `${deployment.comparisons.length} comparisons of code, wiring, key and roles, all well`,
      inputs: { source: "contracts/", deployment: "build/story/deployments/story.json" },
      outputs: { compared: deployment.comparisons.map(({ name }) => name) },
    };
  },
};
