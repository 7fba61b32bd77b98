import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { EXIT, InputError, ProofXError } from "../../src/core/errors.ts";
import { startChain } from "./chain.ts";
import { stopCommands } from "./command.ts";
import { PATHS, type StoryStep } from "./context.ts";
import { lockStory } from "./lock.ts";
import { writePage } from "./page.ts";
import { prepare } from "./prepare.ts";
import { failureLines, runStory, type ToldStep } from "./run.ts";
import { STEPS } from "./steps/index.ts";
import { terminalListener } from "./terminal.ts";

const HELP = `npm start                the whole story on a local chain: build, setup, deploy, sign, anchor, prove, attest
npm start -- --keep      the same, and leave the chain up until Ctrl-C
npm start -- --until STEP  only as far as this step: ${STEPS.map(({ id }) => id).join(", ")}
npm start -- --database-url-file FILE  the log in the PostgreSQL, empty yet, whose URL the file has; else embedded
npm start -- --help      this`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      keep: { type: "boolean" },
      until: { type: "string" },
      "database-url-file": { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(HELP);
  const steps = stepsUntil(values.until);
  const unlock = await lockStory();
  const stop = stopOnSignal(unlock);
  try {
    prepare();
    const chain = await startChain();
    stop.also(() => chain.close());
    const { told, facts } = await runStory(
      steps,
      chain.rpcUrl,
      terminalListener(),
      values["database-url-file"],
    );
    writePage(told, facts, chain.rpcUrl);
    farewell(told, facts.addresses ?? {}, chain.rpcUrl, values.keep === true);
    if (values.keep) await stop.signalled;
  } finally {
    await stop.now();
  }
}

function stepsUntil(id: string | undefined): readonly StoryStep[] {
  if (id === undefined) return STEPS;
  const last = STEPS.findIndex((step) => step.id === id);
  if (last === -1) throw InputError.expected("--until", STEPS.map((step) => step.id).join(", "), id);
  return STEPS.slice(0, last + 1);
}

/** Ctrl-C and SIGTERM stop children and the chain and remove the lock; so does the ordinary end. */
function stopOnSignal(unlock: () => Promise<void>) {
  const cleanups: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  const now = () => {
    stopping ??= (async () => {
      await stopCommands();
      for (const cleanup of cleanups) await cleanup();
      await unlock();
    })();
    return stopping;
  };
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        resolve();
        now().finally(() => process.exit(signal === "SIGINT" ? 130 : 143));
      });
    }
  });
  return { now, signalled, also: (cleanup: () => Promise<void>) => void cleanups.push(cleanup) };
}

const PROVED = ` What was proved, and no more: one committed event of an agent, chosen by the prover,
satisfied a registered policy, in a batch that is anchored on chain. That every event did is not proved.`;

function farewell(
  told: readonly ToldStep[],
  addresses: Record<string, string>,
  rpcUrl: string,
  keep: boolean,
): void {
  const seconds = told.reduce((sum, step) => sum + step.seconds, 0);
  const page = pathToFileURL(PATHS.page).href;
  console.log(`
Done in ${seconds.toFixed(0)} s.${told.length === STEPS.length ? PROVED : ""}

${Object.entries(addresses)
  .map(([name, address]) => `  ${name.padEnd(24)} ${address}`)
  .join("\n")}

The story as a page: ${page}

Three commands to try:
  npx hardhat ceremony verify                 check the trusted setup from scratch, as a stranger would
  cat config/policies/order-cap.toml          see what a policy is made of
  ${keep ? `source ${PATHS.env} && npx hardhat policy list --network story` : "npm start -- --keep                         the same story, and its chain stays up to play with"}
${keep ? `\nThe chain is up at ${rpcUrl} (chain id 31337). Ctrl-C stops it.` : ""}`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(["", ...failureLines(error)].join("\n"));
    process.exit(error instanceof ProofXError ? error.exitCode : EXIT.failed);
  },
);
