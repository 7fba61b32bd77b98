import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../runbook/fault.ts";
import { foundOrganisation, goOnAnchoring } from "../runbook/organisation.ts";
import { ROOT } from "../support/process.ts";

export const fault: Fault = {
  what: "an organisation's machine is gone: keys, log, deployments, configuration; there is last night's backup",
  async inject(stage) {
    const { home, elsewhere, env } = await foundOrganisation(stage);
    const backup = await stage.sh(`ls ${elsewhere}/backups/2*`);
    rmSync(join(ROOT, home), { recursive: true });
    for (const left of ["found", "unpacked"])
      rmSync(join(ROOT, `build/runbooks/${left}`), { recursive: true, force: true });
    return {
      ...env,
      BACKUP: backup,
      SIGNED_BY: readFileSync(join(ROOT, elsewhere, "signer.txt"), "utf8").trim(),
      IDENTITY: `${elsewhere}/alice.txt`,
      SECOND_IDENTITY: `${elsewhere}/bob.txt`,
    };
  },
  clear: goOnAnchoring,
};
