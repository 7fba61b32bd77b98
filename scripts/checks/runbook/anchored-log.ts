import type { Stage } from "./stage.ts";

const CONFIG = "build/runbooks/anchored.toml";
const FOLDER = "build/runbooks/anchored-log";
const COPY = "build/runbooks/copied/log.gz";

/**
 * A stopped copy of the stage's log, whose batches are on its chain; the sequencer keeps the original. It is embedded, and comes by a
 * backup, as a log does that moves from PostgreSQL to a machine without one. Gives its configuration and folder.
 */
export async function anchoredLog(stage: Stage): Promise<{ config: string; folder: string }> {
  await stage.sh(`rm -rf ${FOLDER} ${FOLDER}-lost build/runbooks/restored build/runbooks/copied
mkdir build/runbooks/copied
npx proofx log backup --out ${COPY}
npx proofx log restore ${COPY} --into ${FOLDER}
sed -e 's#^database_url_file = .*#folder = "${FOLDER}"#' -e 's#^batches = .*#batches = "elsewhere"#' "$PROOFX_CONFIG" > ${CONFIG}`);
  return { config: CONFIG, folder: FOLDER };
}
