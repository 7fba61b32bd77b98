import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { administrationOf } from "../../src/aleo/administration.ts";
import { programChecksum } from "../../src/aleo/build-record.ts";
import { credits, openAleo } from "../../src/aleo/client.ts";
import {
  type AleoDeployment,
  aleoDeploymentPath,
  findAleoDeployment,
  type ProgramRecord,
  saveAleoDeployment,
} from "../../src/aleo/deployment.ts";
import { deploymentFee } from "../../src/aleo/fees.ts";
import { EXIT, RefusedError, UnavailableError } from "../../src/core/errors.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { accountFor, feeLimits } from "./support/account.ts";
import { requireSoundBuild } from "./support/build.ts";
import type { AleoActArguments } from "./support/carry-out.ts";
import { type AleoProgram, PROGRAMS } from "./support/programs.ts";
import { type AleoSession, confirmAleo, genesisOf, openAleoSession } from "./support/session.ts";
import { settlePending, submit } from "./support/submit.ts";

/** One program as it is to be, and as it is. */
interface Plan {
  readonly program: AleoProgram;
  readonly source: string;
  readonly bytes: number;
  readonly checksum: string;
  readonly state: "missing" | "same" | "another";
  /** On the ledger; undefined while it is missing. */
  readonly edition: number | undefined;
}

/** Deploys what is missing, in order; run again after an interruption it goes on. */
export async function deploy(
  args: AleoActArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const sources = await Promise.all(
    PROGRAMS.map(async (program) => ({ program, ...(await requireSoundBuild(program)) })),
  );
  const session = await openAleoSession(args);
  const deployment = await openDeployment(session);
  const plans = await Promise.all(sources.map(({ program, source }) => planFor(session, program, source)));
  if (args.dryRun) return planned(session, plans, io);
  for (const plan of plans) requireDeployable(plan);
  const missing = plans.filter(({ state }) => state === "missing");
  if (missing.length > 0) await deployMissing(session, args, missing, deployment, io);
  for (const { program } of plans) await record(session, deployment, program);
  return finished(session, deployment, missing);
}

async function openDeployment(session: AleoSession): Promise<AleoDeployment> {
  const genesis = await genesisOf(session);
  const { network } = session;
  return findAleoDeployment(network, genesis) ?? { version: 1, network, genesis, programs: {} };
}

async function planFor({ ledger }: AleoSession, program: AleoProgram, source: string): Promise<Plan> {
  const there = await ledger.program(program.id);
  const checksum = await programChecksum(source);
  const edition = await ledger.edition(program.id);
  const same = there !== undefined && (await programChecksum(there)) === checksum;
  const state = there === undefined ? "missing" : same ? "same" : "another";
  return { program, source, bytes: Buffer.byteLength(source), checksum, state, edition };
}

/** The committed programs that a program imports. */
async function importsOf(source: string): Promise<Record<string, string>> {
  const imported = PROGRAMS.filter(({ id }) => source.includes(`import ${id};`));
  const entries = imported.map(
    async (program) => [program.id, (await requireSoundBuild(program)).source] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** Another program of the name is not replaced by a deployment: that is an upgrade, which its constructor rules. */
function requireDeployable({ program, state, checksum, edition }: Plan): void {
  if (state !== "another") return;
  throw new RefusedError(
    `${program.id} is there in edition ${edition}, with another text; nothing was sent`,
    {
      next:
        "an upgrade: the admin approves the new checksum " +
        `(npx hardhat aleo execute approve_upgrade 0x${checksum} --program ${program.short} --key …), ` +
        "UPGRADE_DELAY blocks pass, and its deployment is accepted once (docs/aleo-programs.md)",
    },
  );
}

async function deployMissing(
  session: AleoSession,
  args: AleoActArguments,
  missing: readonly Plan[],
  deployment: AleoDeployment,
  io: TaskIo,
): Promise<void> {
  const account = await accountFor(args.key);
  const client = openAleo({ ledger: session.ledger, account, fee: feeLimits(session.settings, args) });
  await requireMoney(session, account.address, missing);
  await settlePending(client, session, io);
  for (const plan of missing) {
    const { id } = plan.program;
    // An interrupted run's deployment may just have landed.
    if ((await session.ledger.program(id)) === undefined) {
      io.note(`building the deployment of ${id}; this takes some ten seconds …`);
      await submit(session, id, (options) =>
        client.deploy(plan.source, {
          ...options,
          beforeSend: async (built) => {
            io.note(`${planLine(plan)}\n  fee ${built.fee} microcredits (${credits(built.fee)})`);
            await confirmAleo(session, `Deploy ${id} as ${account.address}`, args.confirm, io);
            await options.beforeSend(built);
          },
        }),
      );
    }
    await record(session, deployment, plan.program);
  }
}

/** Known before anything is built: a byte of a program costs a thousand microcredits, and the rest comes on top. */
async function requireMoney({ ledger, network }: AleoSession, address: string, missing: readonly Plan[]) {
  const least = missing.reduce((sum, { bytes }) => sum + BigInt(bytes) * 1_000n, 0n);
  const balance = await ledger.balance(address);
  if (balance >= least) return;
  throw new UnavailableError(
    `${address} has ${credits(balance)}, and deploying costs more than ${credits(least)}; nothing was sent`,
    {
      next:
        network === "devnode"
          ? `npx hardhat aleo faucet --to ${address}`
          : "send credits to that address; npx hardhat aleo deploy --dry-run says how many",
    },
  );
}

/** Notes where a program is, from the ledger itself, so that it does not matter who deployed it and when. */
async function record(
  { ledger }: AleoSession,
  deployment: AleoDeployment,
  { id }: AleoProgram,
): Promise<void> {
  const transaction = await ledger.deploymentOf(id);
  const source = await ledger.program(id);
  if (transaction === undefined || source === undefined) return;
  const { height } = (await ledger.confirmation(transaction)) ?? { height: 0 };
  const owner = (await ledger.transaction(transaction))?.owner?.address;
  const noted: ProgramRecord = {
    checksum: await programChecksum(source),
    edition: (await ledger.edition(id)) ?? 0,
    transaction,
    height,
    ...(owner === undefined ? {} : { deployer: owner }),
  };
  deployment.programs[id] = noted;
  saveAleoDeployment(deployment);
}

function planLine({ program, state, bytes, checksum, edition }: Plan): string {
  const verdict = {
    missing: "to be deployed as edition 0",
    same: `is there in edition ${edition}, the same; nothing is sent`,
    another: `is there in edition ${edition} with ANOTHER text: only an upgrade replaces it`,
  }[state];
  return `${program.id}: ${verdict}\n  ${bytes} bytes, checksum ${checksum}`;
}

async function planned(session: AleoSession, plans: readonly Plan[], io: TaskIo): Promise<TaskResult> {
  const missing = plans.filter(({ state }) => state === "missing");
  if (missing.length > 0) io.note("computing what it costs; this takes some ten seconds …");
  const fees = new Map<string, bigint>();
  for (const { program, source } of missing) {
    fees.set(program.id, await deploymentFee(source, await importsOf(source), session.ledger.address.host));
  }
  const total = [...fees.values()].reduce((sum, fee) => sum + fee, 0n);
  const note =
    session.network === "devnode" || missing.length === 0
      ? []
      : ["  a real network adds the synthesis of the circuits to it; --max-fee limits what is paid"];
  return {
    data: {
      status: "planned",
      network: session.network,
      total,
      programs: plans.map(({ program, source: _, ...plan }) => ({
        program: program.id,
        ...plan,
        fee: fees.get(program.id),
      })),
    },
    lines: [
      `Dry run against ${session.network}, nothing sent: ${total} microcredits (${credits(total)})`,
      ...plans.map((plan) => `  ${planLine(plan)}, fee ${fees.get(plan.program.id) ?? 0} microcredits`),
      ...note,
    ],
    ...(plans.some(({ state }) => state === "another") ? { exitCode: EXIT.failed } : {}),
  };
}

async function finished(
  session: AleoSession,
  deployment: AleoDeployment,
  missing: readonly Plan[],
): Promise<TaskResult> {
  const file = aleoDeploymentPath(deployment.network);
  const states = await Promise.all(PROGRAMS.map(({ id }) => administrationOf(session.ledger, id)));
  const migrating = PROGRAMS.filter((_, index) => states[index]?.migrating === true);
  return {
    data: { status: missing.length > 0 ? "deployed" : "already", file, ...deployment },
    lines: [
      missing.length > 0
        ? `Deployed on ${session.network}:`
        : `Already deployed on ${session.network}, nothing sent:`,
      ...Object.entries(deployment.programs).flatMap(([id, { checksum, edition, height, transaction }]) => [
        `  ${id}  edition ${edition}, block ${height}, ${transaction}`,
        `    checksum ${checksum}`,
      ]),
      `  noted in ${file}`,
      ...migrating.map(
        ({ short }) =>
          `  next, once nothing is to be migrated: npx hardhat aleo execute close_migration --program ${short} --key …`,
      ),
    ],
  };
}

export default action(deploy);
