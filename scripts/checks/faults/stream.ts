import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "an auditor asks",
  inject: async (stage) => ({
    STREAM: await stage.sh("node -p 'require(\"./build/story/work/batch-1.json\").streamId'"),
  }),
};
