import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { PATHS } from "./context.ts";

/**
 * Writes the configuration of the story's log: the embedded database, or the PostgreSQL whose URL a file has, and a sequencer that
 * closes and anchors batches itself, after two seconds: the agents' acts are in one, as a rule.
 */
export function writeLogSettings(rpcUrl: string, databaseUrlFile?: string): void {
  const database =
    databaseUrlFile === undefined
      ? `folder = "${resolve(PATHS.log)}"`
      : `database_url_file = "${resolve(databaseUrlFile)}"`;
  writeFileSync(
    PATHS.services,
    `# The story's log; config/proofx.toml has every setting with what it means.
[keys]
backend = "keystore"
folder = "${resolve(PATHS.keys)}"
passphrase_file = "${resolve(PATHS.passphrase)}"
work_factor = 10

[log]
level = "info"

[store]
${database}

[at_rest]

[sequencer]
log_name = "story.proofx.local"
checkpoint_interval = 100
batches = "anchor"

[sequencer.http]
host = "127.0.0.1"
port = 0

[access]

[anchor]
deployment = "${resolve(join(PATHS.deployments, "story.json"))}"
rpc_urls = ["${rpcUrl}"]
key = "anchorer"
batch_size = 1000
batch_age = 2
max_fee_per_gas = "50"
min_balance = "0.05"
confirmations = 1
poll = 1

[anchor.http]
host = "127.0.0.1"
port = 0
`,
  );
}
