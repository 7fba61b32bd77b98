#!/usr/bin/env -S node --min-semi-space-size=16 --max-semi-space-size=16
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addAleo } from "./commands/aleo.ts";
import { addAlerts } from "./commands/alerts.ts";
import { addAnchor } from "./commands/anchor.ts";
import { addAudit } from "./commands/audit.ts";
import { addBackup } from "./commands/backup.ts";
import { addCeremony } from "./commands/ceremony.ts";
import { addConfig } from "./commands/config.ts";
import { addCoordinator } from "./commands/coordinator.ts";
import { addDocs } from "./commands/docs.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addHealth } from "./commands/health.ts";
import { addLog } from "./commands/log.ts";
import { addMonitors } from "./commands/monitors.ts";
import { addOps } from "./commands/ops.ts";
import { addProver } from "./commands/prover.ts";
import { addRelayer } from "./commands/relayer.ts";
import { addRotation } from "./commands/rotation.ts";
import { addRunbook } from "./commands/runbook.ts";
import { addSecurity } from "./commands/security.ts";
import { addSequencer } from "./commands/sequencer.ts";
import { addSubgraph } from "./commands/subgraph.ts";
import { addWatcher } from "./commands/watcher.ts";
import { addWitness } from "./commands/witness.ts";

/** The `proofx` command: services, and what auditors and offline machines need, without Hardhat. */
function program(): Command {
  const proofx = new Command("proofx")
    .description(
      "ProofX services, and tools for auditors and offline machines. Operators' and admins' tasks: npx hardhat --help",
    )
    .version(readVersion(), "--version", "print this program's version, and end")
    .helpCommand(false)
    .showHelpAfterError("(add --help for what is possible)")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) });
  addAleo(proofx);
  addAlerts(proofx);
  addAudit(proofx);
  addAnchor(proofx);
  addBackup(proofx);
  addCeremony(proofx);
  addConfig(proofx);
  addCoordinator(proofx);
  addDocs(proofx);
  addDoctor(proofx);
  addHealth(proofx);
  addLog(proofx);
  addMonitors(proofx);
  addOps(proofx);
  addRelayer(proofx);
  addProver(proofx);
  addRunbook(proofx);
  addSecurity(proofx);
  addRotation(proofx);
  addSequencer(proofx);
  addSubgraph(proofx);
  addWatcher(proofx);
  addWitness(proofx);
  return proofx;
}

function readVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

await run(program(), process.argv);

async function run(proofx: Command, argv: readonly string[]): Promise<void> {
  const { endWith } = await import("./output.ts");
  try {
    await proofx.parseAsync([...argv]);
  } catch (error) {
    endWith(error, argv.includes("--json"));
    const unknown = error instanceof CommanderError && error.code === "commander.unknownCommand";
    if (unknown && !proofx.commands.some((command) => command.name() === argv[2]))
      console.error(`Next: npx hardhat ${argv[2]} --help, if it is a task of operators or admins`);
  }
}
