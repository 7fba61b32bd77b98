import { type Edge, openEdge } from "../runbook/edge.ts";
import type { Fault } from "../runbook/fault.ts";

let edge: Edge | undefined;

export const fault: Fault = {
  what: "the edge shows a certificate that expires tomorrow",
  needs: "nginx",
  async inject(stage) {
    edge = await openEdge(stage, 1);
    return edge.inputs;
  },
  watched: () => ({ more: `[[health.certificates]]\nname = "edge"\naddress = "${edge?.inputs.EDGE}"` }),
  async clear() {
    await edge?.close();
  },
};
