import { fromHex } from "../../../src/core/bytes.ts";
import { CheckError } from "../../../src/core/errors.ts";
import { SIGNATURE_TYPE, verifierKey } from "../../../src/core/log/index.ts";
import type { Fault } from "../runbook/fault.ts";

interface Published {
  readonly log_name: string;
  readonly keys: readonly {
    readonly purpose: string;
    readonly public_key: string;
    readonly retired_at: string | null;
  }[];
}

export const fault: Fault = {
  what: "an auditor asks",
  async inject(stage) {
    const stream = await stage.sh("node -p 'require(\"./build/story/work/batch-1.json\").streamId'");
    const { log_name, keys } = JSON.parse(await stage.sh('curl -sSf "$SEQUENCER/v1/keys"')) as Published;
    const key = keys.find(({ purpose, retired_at }) => purpose === "checkpoint" && retired_at === null);
    if (key === undefined) throw new CheckError("the log has no checkpoint key");
    const publicKey = fromHex("public_key", key.public_key, 32);
    const name = `${log_name}/${stream.slice(2)}`;
    return { STREAM: stream, LOG_KEY: verifierKey({ name, publicKey, type: SIGNATURE_TYPE.note }) };
  },
};
