import type { Fault } from "../runbook/fault.ts";
import type { Stage } from "../runbook/stage.ts";

export const fault: Fault = {
  what: "a stream's anchorer anchors batches that the log never closed",
  async inject(stage) {
    const stream = await stage.spareStream();
    for (let i = 0; i < 3; i++) await stream.anchor();
    return {
      STREAM: stream.id,
      KEEP: String((await stream.batches()) - 3),
      ACCOUNT: stage.addresses.anchorer ?? "",
    };
  },
  async watched(stage) {
    const { store } = await stage.spareStream();
    const { SEQUENCER = "", TENANT, ADMIN_CREDENTIAL } = stage.env;
    // A log that nobody took anything into: whatever the chain has of it, it is not the log's.
    await stage.sh(
      `curl -sSf "$SEQUENCER/v1/stores/${store}" --json '{}' -H "authorization: Bearer $(cat "$ADMIN_CREDENTIAL")"`,
    );
    const log = { url: SEQUENCER, tenant: TENANT, store, token_file: ADMIN_CREDENTIAL };
    const lines = Object.entries(log).map(([name, text]) => `${name} = ${JSON.stringify(text)}`);
    return { more: `[[watcher.logs]]\n${lines.join("\n")}` };
  },
  async clear(stage) {
    const { id, store } = await stage.spareStream();
    await forget(stage, store);
    await stage.sh(
      `npx hardhat stream anchorer --network "$NETWORK" --stream ${id} --anchorer "$DEPLOYER" --key admin`,
    );
  },
};

/** Other rehearsals restore copies of this log and compare them with the chain, which has batches of this stream that no log closed. */
async function forget(stage: Stage, store: string): Promise<void> {
  const tables = await stage.database.query(
    "select table_name as name from information_schema.columns where table_schema = 'proofx' and column_name = 'store_id'",
  );
  const deletes = tables.map(({ name }) => `delete from proofx.${name} where store_id = '${store}'`);
  await stage.database.query(`set session_replication_role = replica; ${deletes.join("; ")}`);
}
