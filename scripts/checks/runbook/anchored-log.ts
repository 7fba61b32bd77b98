import type { Stage } from "./stage.ts";

const CONFIG = "build/runbooks/anchored.toml";
const FOLDER = "build/runbooks/anchored-log";

/**
 * A stopped copy of the stage's log, whose batches are on its chain; the sequencer keeps the original. What the sequencer had in memory
 * is what a machine that lost power loses: the database's journal has all that was acknowledged. Gives its configuration and folder.
 */
export async function anchoredLog(stage: Stage): Promise<{ config: string; folder: string }> {
  await stage.sh(`rm -rf ${FOLDER} ${FOLDER}-lost build/runbooks/restored
LOG=$(sed -n 's#^folder = "\\(.*/log\\)"#\\1#p' "$PROOFX_CONFIG")
cp -R "$LOG" ${FOLDER}
rm -f ${FOLDER}/lock*
sed -e 's#^folder = ".*/log"#folder = "${FOLDER}"#' -e 's#^batches = .*#batches = "elsewhere"#' "$PROOFX_CONFIG" > ${CONFIG}`);
  return { config: CONFIG, folder: FOLDER };
}
