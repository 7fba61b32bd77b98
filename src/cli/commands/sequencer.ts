import type { Command } from "commander";

/** `proofx sequencer` */
export function addSequencer(proofx: Command): void {
  proofx
    .command("sequencer")
    .description(
      "Take agents' signed events into the log and answer for it; docs/log.md has the interface. Ctrl-C ends it gracefully",
    )
    .option("--config <file>", "the configuration; PROOFX_CONFIG or config/proofx.toml without it")
    .action(async ({ config }: { config?: string }) => {
      const [{ openLog }, { startSequencer }, { createLog }, { runUntilStopped }, { note }] =
        await Promise.all([
          import("../open-log.ts"),
          import("../../services/sequencer/service.ts"),
          import("../../services/support/log.ts"),
          import("../../services/support/run.ts"),
          import("../output.ts"),
        ]);
      const start = async () => {
        const { section, store, keys, atRest } = await openLog(config);
        const log = createLog("sequencer", section("log").level);
        const settings = section("sequencer");
        const parts = {
          store,
          keys,
          atRest,
          log,
          access: section("access"),
          anchor: () => section("anchor"),
        };
        const service = await startSequencer(settings, parts).catch(async (error: unknown) => {
          await store.close();
          throw error;
        });
        return {
          url: service.url,
          async close() {
            await service.close();
            await store.close();
          },
        };
      };
      await runUntilStopped("sequencer", start, note);
    });
}
