import type { Command } from "commander";
import { addInspect } from "./log/inspect.ts";

/** `proofx log ...` */
export function addLog(proofx: Command): void {
  const log = proofx.command("log").description("The log of signed events");
  addInspect(log);
}
