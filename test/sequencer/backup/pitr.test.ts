import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { Client } from "pg";
import { ROOT } from "../../../scripts/checks/support/process.ts";
import { takeBackup, verifyBackup } from "../../../src/sequencer/backup/index.ts";
import { migrate, openPostgres } from "../../../src/sequencer/store/index.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { fillStream, TENANT } from "../filled.ts";

const LATER = "550e8400-e29b-41d4-a716-446655440001";
const LOST = "550e8400-e29b-41d4-a716-446655440002";

describe("PostgreSQL's own archive, set up as docs/backup.md says", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "proofx-pitr-"));
  let source: TestPostgres;
  let restored: TestPostgres;
  before(async () => {
    source = await startPostgres();
    restored = await startPostgres();
  });
  after(async () => {
    await source?.close();
    await restored?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The command of the page, with the folder of this test. */
  const documented = (setting: string, archive: string): string => {
    const page = readFileSync(join(ROOT, "docs/backup.md"), "utf8");
    const value = new RegExp(`^${setting} = '(.+)'$`, "m").exec(page)?.[1] ?? "";
    return value.replaceAll("/archive", archive);
  };

  it("brings a log back to any moment, whole up to there", async () => {
    const archive = join(dirname(source.data), "archive");
    await source.query(`COPY (SELECT 1) TO PROGRAM 'cat > /dev/null && mkdir ${archive}'`);
    await source.query("ALTER SYSTEM SET archive_mode = on");
    await source.query(
      `ALTER SYSTEM SET archive_command = '${documented("archive_command", archive).replaceAll("'", "''")}'`,
    );
    await source.kill();
    await source.start();

    const store = await openPostgres(source.url);
    try {
      await migrate(store, { backup: async () => {} });
      await fillStream(store, { events: 10 });
      await baseBackup(source, join(folder, "base"));
      await fillStream(store, { tenantId: LATER, events: 5 });
      const [{ moment } = { moment: "" }] = await source.query("SELECT clock_timestamp()::text AS moment");
      await fillStream(store, { tenantId: LOST, events: 5 });
      await archived(source);
      await restoreTo(String(moment), archive);
    } finally {
      await store.close();
    }

    const back = await openPostgres(restored.url);
    try {
      await takeBackup(back, join(folder, "back.gz"));
      const { streams } = await verifyBackup(join(folder, "back.gz"));
      expect(streams.map(({ tenantId }) => tenantId)).to.have.members([TENANT, LATER]);
      expect(streams.map(({ head }) => head)).to.have.members([12n, 7n]);
    } finally {
      await back.close();
    }
  });

  /** What pg_basebackup does: npm's package of PostgreSQL is without it. */
  async function baseBackup({ url, data }: TestPostgres, to: string): Promise<void> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      await client.query("SELECT pg_backup_start('base', true)");
      execFileSync("cp", ["-a", data, to]);
      const { rows } = await client.query("SELECT labelfile FROM pg_backup_stop()");
      writeFileSync(join(to, "backup_label"), rows[0].labelfile);
    } finally {
      await client.end();
    }
    rmSync(join(to, "postmaster.pid"));
    execFileSync("find", [join(to, "pg_wal"), "-type", "f", "-delete"]);
  }

  async function restoreTo(moment: string, archive: string): Promise<void> {
    await restored.kill();
    rmSync(restored.data, { recursive: true });
    execFileSync("cp", ["-a", join(folder, "base"), restored.data]);
    execFileSync("chown", ["--reference", restored.data, join(restored.data, "backup_label")]);
    appendFileSync(
      join(restored.data, "postgresql.auto.conf"),
      [
        "archive_mode = off",
        `restore_command = '${documented("restore_command", archive)}'`,
        `recovery_target_time = '${moment}'`,
        "recovery_target_action = 'promote'\n",
      ].join("\n"),
    );
    writeFileSync(join(restored.data, "recovery.signal"), "");
    execFileSync("chown", ["--reference", restored.data, join(restored.data, "recovery.signal")]);
    await restored.start();
  }
});

/** Waits until all that was written so far is in the archive. */
async function archived({ query }: TestPostgres): Promise<void> {
  const [{ last } = { last: "" }] = await query(
    "SELECT pg_walfile_name(pg_current_wal_lsn()) AS last FROM (SELECT txid_current()) AS used",
  );
  await query("SELECT pg_switch_wal()");
  for (;;) {
    const [row] = await query(
      `SELECT coalesce(last_archived_wal, '') >= '${String(last)}' AS done FROM pg_stat_archiver`,
    );
    if (row?.done === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
