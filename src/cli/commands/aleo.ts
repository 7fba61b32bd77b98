import { type Command, InvalidArgumentError } from "commander";

interface DevnodeOptions {
  readonly port?: number;
  readonly storage?: string;
  readonly manual?: boolean;
  readonly verbose?: boolean;
}

/** `proofx aleo ...` */
export function addAleo(proofx: Command): void {
  const aleo = proofx
    .command("aleo")
    .description(
      "A development ledger of Aleo's on this machine. What is done on a ledger: npx hardhat aleo --help",
    );
  aleo
    .command("runtime")
    .description(
      "See to it that the development ledger runs here; takes newer libraries from Debian where the system's are too old",
    )
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      "\nThe libraries go into build/aleo-runtime; the system is not changed, and nobody has to be root. It may be repeated.\nExit code 4: this machine cannot run it; use a ledger that runs elsewhere with --ledger URL.",
    )
    .action(runtime);
  aleo
    .command("devnode")
    .description(
      "Run a development ledger until Ctrl-C; its keys are known to everybody, and its transactions have no proofs",
    )
    .option("--port <number>", "port on 127.0.0.1; 0 is a free one", parsePort, 3030)
    .option("--storage <folder>", "keep the ledger in a folder; without it, it ends with the process")
    .option(
      "--manual",
      "make no blocks for transactions that arrive, but when POST /testnet/block/create asks for them",
    )
    .option("--verbose", "show the ledger's own log")
    .action(devnode);
}

async function runtime({ json }: { readonly json?: boolean }): Promise<void> {
  const [{ installRuntime }, { note, print }] = await Promise.all([
    import("../../aleo/runtime-install.ts"),
    import("../output.ts"),
  ]);
  const { outcome, libraries } = await installRuntime({ onProgress: note });
  const said = {
    system: "The development ledger runs on this system's own libraries",
    present: `The development ledger runs on the libraries in ${libraries}`,
    made: `The development ledger runs on new libraries in ${libraries}`,
  };
  print({ data: { outcome, libraries }, lines: [said[outcome], "Next: npx proofx aleo devnode"] }, json);
}

async function devnode({ port, storage, manual, verbose }: DevnodeOptions): Promise<void> {
  const [{ accountOfPrivateKey, startDevnode }, { runUntilStopped }, { note }, { asService }] =
    await Promise.all([
      import("../../aleo/index.ts"),
      import("../../services/support/run.ts"),
      import("../output.ts"),
      import("../local-node.ts"),
    ]);
  await runUntilStopped(
    "aleo devnode",
    async () => {
      const node = await startDevnode({
        ...(port === undefined ? {} : { port }),
        ...(storage === undefined ? {} : { storage }),
        ...(manual === undefined ? {} : { manual }),
        ...(verbose === true ? { onLog: note } : {}),
      });
      const { address } = await accountOfPrivateKey(node.accounts[0] ?? "");
      note(`funded account ${address}, whose key everybody knows`);
      return asService("aleo devnode", node);
    },
    note,
  );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port < 65_536) return port;
  throw new InvalidArgumentError("expected a port, 0 to 65535");
}
