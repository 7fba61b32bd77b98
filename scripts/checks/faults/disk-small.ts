import { type Fault, shellFault } from "../runbook/fault.ts";

/** A disk cannot be filled here, so the limit is set where it is. */
export const fault: Fault = {
  ...shellFault("the limit for disks is below what is used", "true", { FOLDER: ".", LIMIT: "0" }),
  watched: () => ({ health: "disk_free = 0.999999" }),
};
