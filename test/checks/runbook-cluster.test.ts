import { expect } from "chai";
import { clusterObjects, unknownInCluster } from "../../scripts/checks/commands/cluster.ts";
import { ROOT } from "../../scripts/checks/support/process.ts";

describe("What a runbook's kubectl names", () => {
  const known = clusterObjects(ROOT);
  const fault = (line: string) => unknownInCluster(line, known);

  it("is something that the manifests make, in their namespace", () => {
    expect(fault("kubectl --namespace proofx rollout restart deployment/relayer")).to.equal(undefined);
    expect(
      fault("curl -sS http://localhost/\nkubectl --namespace=proofx rollout status deployment/sequencer"),
    ).to.equal(undefined);
  });

  it("is a fault when it is misspelt, elsewhere, or not said", () => {
    expect(fault("kubectl --namespace proofx rollout restart deployment/relay")).to.contain(
      "deployment/relay ",
    );
    expect(fault("kubectl --namespace default rollout restart deployment/relayer")).to.contain("in default");
    expect(fault("kubectl rollout restart deployment/relayer")).to.contain("--namespace");
  });
});
