import { CheckError } from "../../../src/core/errors.ts";
import type { Fault } from "../runbook/fault.ts";
import { spareLog } from "../runbook/spare-log.ts";

/** Its receipt key is not the first any more, as in every log that is older than half a year. */
export const fault: Fault = {
  what: "a log whose receipt key is old",
  async inject(stage) {
    const { config } = await spareLog(stage);
    const said = await stage.sh(`npx proofx log service-keys rotate --purpose receipt --config ${config}`);
    const key = said.match(/receipt key is (\d+) now/)?.[1];
    if (key === undefined) throw new CheckError(`no key's number in: ${said}`);
    return { CONFIG: config, KEY_ID: key };
  },
};
