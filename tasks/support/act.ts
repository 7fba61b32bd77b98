import type { TransactionReceipt } from "ethers";
import { type Call, send, simulate } from "../../src/chain/call.ts";
import { KeyProviderSigner } from "../../src/chain/signer.ts";
import { writeUnsigned } from "../../src/chain/unsigned.ts";
import { InputError } from "../../src/core/errors.ts";
import { stringifyJson } from "../../src/core/json.ts";
import { openKeys } from "./keys.ts";
import { confirm, type Session } from "./session.ts";
import type { TaskIo, TaskResult } from "./task.ts";

/** Options of every task that changes the chain. */
export interface ActArguments {
  readonly key: string | undefined;
  readonly from: string | undefined;
  readonly out: string | undefined;
  readonly confirm: string | undefined;
  readonly dryRun: boolean;
}

/** What became of a call. */
export type ActOutcome =
  | { readonly status: "unsigned"; readonly result: TaskResult }
  | { readonly status: "simulated"; readonly result: TaskResult }
  | { readonly status: "sent"; readonly receipt: TransactionReceipt };

/**
 * Does what the options ask with a call: writes it unsigned (`--out`), runs it without sending (`--dry-run`) or sends it.
 *
 * @param defaultFrom Who is expected to send it when no key is given: the admin, or the holder of the role.
 */
export async function act(
  session: Session,
  call: Call,
  defaultFrom: string,
  args: ActArguments,
  io: TaskIo,
): Promise<ActOutcome> {
  const from = args.from ?? defaultFrom;
  if (args.out !== undefined) {
    const files = writeUnsigned(args.out, session.chain, from, [call]);
    const lines = [
      `Unsigned, to be sent by ${from}: ${call.description}`,
      `  calldata   ${files.plain}`,
      `  Safe file  ${files.safe}`,
    ];
    return { status: "unsigned", result: { data: { status: "unsigned", from, ...files, call }, lines } };
  }
  if (args.dryRun) {
    const sender = args.key === undefined ? from : await addressOf(args.key);
    const { gas } = await simulate(session.provider, call, sender);
    const lines = [
      `Dry run, nothing sent: ${call.description}`,
      ...describe(call),
      `  accepted, from ${sender}, about ${gas} gas`,
    ];
    return { status: "simulated", result: { data: { status: "simulated", from: sender, gas, call }, lines } };
  }
  const signer = await signerFor(session, args.key);
  for (const line of [call.description, ...describe(call)]) io.note(line);
  await simulate(session.provider, call, await signer.getAddress());
  await confirm(session.chain, call.description, args.confirm, io);
  return { status: "sent", receipt: await send(signer, call) };
}

/** The signer behind `--key`, connected to the session's node. */
export async function signerFor(session: Session, key: string | undefined): Promise<KeyProviderSigner> {
  if (key === undefined) {
    throw InputError.expected(
      "--key",
      "the name of a keystore key (or --out FILE for unsigned calldata)",
      undefined,
    );
  }
  return KeyProviderSigner.open(openKeys(), key, session.provider);
}

/** Address of a keystore key; needs no passphrase. */
export async function addressOf(key: string): Promise<string> {
  const signer = await KeyProviderSigner.open(openKeys(), key, null);
  return signer.getAddress();
}

/** A call's target, function and arguments, a line each. */
export function describe(call: Call): string[] {
  const args = Object.entries(call.args).map(([name, value]) => `    ${name} = ${render(value)}`);
  return [`  to   ${call.to}`, `  call ${call.signature}`, ...args];
}

/** Long enough for every struct an admin reads; proofs and signatures are of no use to a reader. */
const SHOWN = 400;

function render(value: unknown): string {
  const text = renderWhole(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text;
}

function renderWhole(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return stringifyJson(value);
}
