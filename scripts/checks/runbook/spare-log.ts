import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/process.ts";
import type { Stage } from "./stage.ts";

const CONFIG = "build/runbooks/spare.toml";
const FOLDER = "build/runbooks/spare-log";

/** A log that no sequencer has open, for what wants it stopped; made at the first call. Gives its configuration and folder. */
export async function spareLog(stage: Stage): Promise<{ config: string; folder: string }> {
  if (!existsSync(join(ROOT, CONFIG))) {
    await stage.sh(`sed -e 's#^folder = ".*/log"#folder = "${FOLDER}"#' -e 's#^database_url_file = .*#folder = "${FOLDER}"#' -e 's#^log_name = .*#log_name = "spare.example"#' \\
  -e 's#^batches = .*#batches = "elsewhere"#' "$PROOFX_CONFIG" > ${CONFIG}
npx proofx log init --config ${CONFIG}`);
  }
  return { config: CONFIG, folder: FOLDER };
}
