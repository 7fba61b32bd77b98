import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "the relayer is killed",
  async inject(stage) {
    await stage.service("relayer");
    await stage.kill("relayer");
    return { URL: stage.env.RELAYER ?? "", CONFIG: "build/runbooks/relayer.toml" };
  },
  watched: ({ env }) => ({
    health: "service_patience = 1",
    replace: { sequencer: `"${env.SEQUENCER}"\nrelayer = "${env.RELAYER}"` },
  }),
};
