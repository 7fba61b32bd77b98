import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT } from "../../../src/core/errors.ts";
import { PATHS, type StoryStep } from "../context.ts";

interface AuditJson {
  readonly holds: boolean;
  readonly findings: readonly {
    readonly status: "proved" | "not proved" | "refused";
    readonly what: string;
  }[];
}

export const audit: StoryStep = {
  id: "audit",
  title: "An auditor gets one file and checks it offline: what was proved, and what was not",
  expected: { first: 4, again: 4 },
  code: ["tasks/audit/export.ts", "src/sequencer/audit-file/check.ts", "docs/audit.md"],
  async run({ task, proofx, facts }) {
    // The embedded database has room for one process.
    await facts.sequencer.stop();
    const file = join(PATHS.work, "audit.json");
    const sequences = Object.values(facts.events).map(({ sequence }) => String(sequence));
    await task(["audit", "export"], {
      network: "story",
      tenant: facts.tenantId,
      store: facts.storeId,
      sequences: sequences.join(","),
      open: true,
      proof: facts.proofFiles.balance ?? "",
      out: file,
    });
    const altered = join(PATHS.work, "audit.altered.json");
    writeFileSync(altered, readFileSync(file, "utf8").replace("a payment of 15,000", "a payment of 5,000"));
    const pins = ["--log-key", facts.logKey, "--deployment", join(PATHS.deployments, "story.json")];
    const [checked, tampered] = await Promise.all([
      proofx<AuditJson>(["audit", "check", file, ...pins]),
      proofx<AuditJson>(["audit", "check", altered, ...pins], EXIT.failed),
    ]);
    const said = ({ findings }: AuditJson, status: string): string[] =>
      findings.filter((finding) => finding.status === status).map(({ what }) => what);
    facts.audit = {
      proved: said(checked, "proved").length,
      notProved: said(checked, "not proved").length,
      tampered: said(tampered, "refused").length,
    };
    return {
      result: `${facts.audit.proved} lines proved, ${facts.audit.notProved} said to be not proved; with one number altered it is refused`,
      inputs: { file, "the log's key, from its operator": facts.logKey },
      outputs: {
        proved: said(checked, "proved"),
        "not proved": said(checked, "not proved"),
        "the altered file is refused": said(tampered, "refused"),
      },
    };
  },
};
