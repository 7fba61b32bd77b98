import { unlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import { isatty } from "node:tty";
import { errorCode, InputError, RefusedError, UnavailableError } from "../../src/core/errors.ts";
import { createFileOnce } from "../../src/keys/files.ts";
import { type ApiKeyText, insertApiKey, newApiKey, type Role } from "../../src/sequencer/auth/index.ts";
import { parseUuid, withLogStore } from "../support/log-store.ts";
import { parseRole } from "../support/role.ts";
import { action, required, type TaskResult } from "../support/task.ts";

interface CreateArguments {
  readonly tenant: string | undefined;
  readonly role: string | undefined;
  readonly out: string | undefined;
  readonly stdout: boolean;
  readonly agent: string | undefined;
  readonly name: string | undefined;
  readonly environment: string | undefined;
}

/** Makes an API key and hands it out once: to a private file, a terminal, or a pipe that was asked for. */
export async function create(args: CreateArguments): Promise<TaskResult> {
  const tenant = parseUuid("--tenant", required("tenant", args.tenant, "the tenant's UUID"));
  const role = parseRole(args.role);
  const agentId = args.agent === undefined ? undefined : parseUuid("--agent", args.agent);
  const key = newApiKey(args.environment ?? "live");
  requireOutlet(args);
  const name = args.name ?? role;
  await withLogStore(async ({ store }) => {
    // The file comes first: a key that nobody has cannot be used, one that was lost cannot be found again.
    if (args.out !== undefined) await writeKey(args.out, key);
    try {
      await insertApiKey(store.as("keeper"), key, { tenant, role, agentId, name });
    } catch (error) {
      if (args.out !== undefined) unlinkSync(args.out);
      throw error;
    }
  });
  const data = { prefix: key.prefix, tenant, role, agentId, name };
  if (args.out === undefined) return { data: { ...data, key: key.text }, lines: [key.text] };
  return { data: { ...data, file: args.out }, lines: describe(key, role, agentId, args.out) };
}

function requireOutlet({ out, stdout }: CreateArguments): void {
  if (out !== undefined && stdout) throw new InputError("--out and --stdout: expected one of them, got both");
  if (out !== undefined || stdout || isatty(1)) return;
  throw new RefusedError("standard output is no terminal, and the key would end up who knows where", {
    next: "add --out FILE, or --stdout when the pipe is meant to get it",
  });
}

async function writeKey(path: string, { text }: ApiKeyText): Promise<void> {
  const made = await createFileOnce(dirname(path), basename(path), `${text}\n`).catch((cause: unknown) => {
    throw new UnavailableError(`--out: ${path} cannot be written (${errorCode(cause)})`, { cause });
  });
  if (made) return;
  throw new RefusedError(`${path} is there already, and no key is ever overwritten`, {
    next: "choose another --out",
  });
}

function describe({ prefix }: ApiKeyText, role: Role, agentId: string | undefined, file: string): string[] {
  const bound = agentId === undefined ? "" : ` for agent ${agentId} alone`;
  return [
    `Made: API key ${prefix}, role ${role}${bound}`,
    `  the key is in ${file} and nowhere else`,
    `Next: give the file to who is to use it; after a leak: npx hardhat apikey revoke --prefix ${prefix}`,
  ];
}

export default action(create);
