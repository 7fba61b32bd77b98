import { join } from "node:path";
import { type AleoClient, openAleo } from "../../../src/aleo/client.ts";
import { backup } from "../../../src/aleo/state/backup.ts";
import { closeMigration, enter, type Remaining } from "../../../src/aleo/state/enter.ts";
import type { Entry } from "../../../src/aleo/state/entry.ts";
import { hexDigest } from "../../../src/aleo/state/state-file.ts";
import { verifyEntries } from "../../../src/aleo/state/verify.ts";
import { CheckError, InputError } from "../../../src/core/errors.ts";
import type { TaskIo } from "../../support/task.ts";
import { parseUnsigned } from "../../support/values.ts";
import { accountFor, feeLimits } from "../support/account.ts";
import { PROGRAMS } from "../support/programs.ts";
import { type AleoArguments, type AleoSession, confirmAleo, genesisOf } from "../support/session.ts";

/** Options of every task that sends transactions. */
export interface SendArguments extends AleoArguments {
  readonly key: string | undefined;
  readonly maxFee: string | undefined;
  readonly priorityFee: string | undefined;
  readonly confirm: string | undefined;
  readonly dryRun: boolean;
}

/** Where states go without `--out`. */
export const STATE_FOLDER = join("build", "aleo-state");

/** `--program a.aleo,b.aleo`; both programs of version 3 without it. */
export function programIds(text: string | undefined): string[] {
  if (text === undefined) return PROGRAMS.map(({ id }) => id);
  const short = new Map<string, string>(PROGRAMS.map(({ short, id }) => [short, id]));
  const ids = text.split(",").map((name) => short.get(name.trim()) ?? name.trim());
  const wrong = ids.find((id) => !/^[a-z]\w*\.aleo$/i.test(id));
  if (wrong !== undefined) throw InputError.expected("--program", "names like agent_registry_v3.aleo", wrong);
  return [...new Set(ids)];
}

/** A height that a person wrote; undefined when none was given. */
export function heightOption(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(parseUnsigned(name, text, 32));
}

/** Where a replay of these programs on this ledger keeps how far it came. */
export async function progressFile(
  session: AleoSession,
  programs: readonly string[],
  from: number | undefined,
): Promise<string> {
  const what = hexDigest([await genesisOf(session), ...[...programs].sort(), String(from ?? 0)].join(" "));
  return join(session.settings.folder, `replay-${session.network}-${what.slice(0, 16)}.json`);
}

/** What a replay is asked with. */
export async function replayOptions(
  session: AleoSession,
  programs: readonly string[],
  from: number | undefined,
  io: TaskIo,
) {
  return {
    ledger: session.ledger,
    programs,
    ...(from === undefined ? {} : { from }),
    progressFile: await progressFile(session, programs, from),
    note: io.note,
  };
}

/** A client of `--key` with the fees that the options allow. */
export async function clientFor(session: AleoSession, args: SendArguments): Promise<AleoClient> {
  const account = await accountFor(args.key);
  return openAleo({ ledger: session.ledger, account, fee: feeLimits(session.settings, args) });
}

/** Asks, then enters what is missing. */
export async function carryIn(
  session: AleoSession,
  args: SendArguments,
  { missing, done, credits }: Remaining,
  io: TaskIo,
): Promise<AleoClient> {
  const client = await clientFor(session, args);
  if (missing.length === 0) return client;
  const programs = [...new Set(missing.map(({ program }) => program))].join(" and ");
  await confirmAleo(
    session,
    `Entering ${missing.length} entries with ${credits} microcredits into ${programs}`,
    args.confirm,
    io,
  );
  await enter(client, { missing, done, credits }, io.note);
  return client;
}

/** Compares every entry with the ledger. @throws CheckError naming the first faults. */
export async function requireEntered(
  session: AleoSession,
  entries: readonly Entry[],
  registry: string,
  io: TaskIo,
): Promise<{ readonly entries: number; readonly credits: bigint }> {
  const programs = [...new Set([registry, ...entries.map(({ program }) => program)])];
  const { state } = await backup(await replayOptions(session, programs, undefined, io));
  const { faults, ...counts } = verifyEntries(entries, state, registry);
  if (faults.length === 0) return counts;
  const more = faults.length > 5 ? [`and ${faults.length - 5} more`] : [];
  throw new CheckError(
    [
      `${faults.length} of ${counts.entries} entries are not as they should be:`,
      ...faults.slice(0, 5),
      ...more,
    ].join("\n  "),
    {
      next: "Run the same command again for what was dropped; whatever else differs needs fresh programs: npx hardhat aleo state clean-slate --as N",
    },
  );
}

/** Closes programs to further entries; those that are closed already are left alone. */
export async function close(
  session: AleoSession,
  client: AleoClient,
  programs: Iterable<string>,
  args: SendArguments,
  io: TaskIo,
): Promise<string[]> {
  const closed: string[] = [];
  for (const program of programs) {
    await confirmAleo(session, `Closing ${program} to further entries, for ever,`, args.confirm, io);
    if (await closeMigration(client, program)) closed.push(program);
  }
  return closed;
}
