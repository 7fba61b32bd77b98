import { shellFault } from "../runbook/fault.ts";

/** A disk cannot be filled here, so the limit is set where it is. */
export const fault = shellFault("the limit for disks is below what is used", "true", {
  FOLDER: ".",
  LIMIT: "0",
});
