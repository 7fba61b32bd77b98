import { readFileSync, statSync } from "node:fs";
import { errorCode, InputError, RefusedError, UnavailableError } from "../../core/errors.ts";
import type { ProverSettings } from "./settings.ts";

/** What a shared queue needs beside its settings; neither may stand in the configuration. */
export interface QueueSecrets {
  readonly databaseUrl: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const URL_VARIABLE = "PROOFX_PROVER_DATABASE_URL";

/**
 * Reads the database's URL and the queue's key.
 *
 * @throws UnavailableError when one is not there; RefusedError when others can read its file; InputError when it is malformed.
 * None repeats what it read.
 */
export function readQueueSecrets(settings: ProverSettings): QueueSecrets {
  const { database_url_file: urlFile, queue_key_file: keyFile } = settings;
  const databaseUrl = urlFile === undefined ? process.env[URL_VARIABLE] : readSecret(urlFile);
  if (databaseUrl === undefined) {
    throw new UnavailableError("prover: there is no database URL", {
      next: `set database_url_file under [prover], or ${URL_VARIABLE} in the environment`,
    });
  }
  if (!/^postgres(ql)?:$/.test(URL.parse(databaseUrl)?.protocol ?? ""))
    throw new InputError("prover: database URL: expected postgres://user:password@host:port/name");
  const keyText = readSecret(keyFile ?? "");
  if (!/^[0-9a-f]{64}$/.test(keyText)) {
    throw new InputError(`${keyFile}: expected 64 lower-case hex digits`, {
      next: `openssl rand -hex 32 > ${keyFile}`,
    });
  }
  return { databaseUrl, key: Buffer.from(keyText, "hex") };
}

function readSecret(file: string): string {
  try {
    if ((statSync(file).mode & 0o077) !== 0)
      throw new RefusedError(`${file} can be read by other users`, { next: `chmod 600 ${file}` });
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    if (cause instanceof RefusedError) throw cause;
    throw new UnavailableError(`prover: cannot read ${file} (${errorCode(cause)})`, { cause });
  }
}
