import type { Command } from "commander";
import { addArchive } from "./log/archive.ts";
import { addBackup } from "./log/backup.ts";
import { addInit } from "./log/init.ts";
import { addInspect } from "./log/inspect.ts";
import { addMigrate } from "./log/migrate.ts";
import { addServiceKeys } from "./log/service-keys.ts";
import { addVerify } from "./log/verify.ts";

/** `proofx log ...` */
export function addLog(proofx: Command): void {
  const log = proofx.command("log").description("The log of signed events");
  addInit(log);
  addArchive(log);
  addBackup(log);
  addInspect(log);
  addMigrate(log);
  addServiceKeys(log);
  addVerify(log);
}
