import { ArgumentType } from "hardhat/types/arguments";
import { option, proofxTask, taskGroup } from "../support/declare.ts";
import { bridgeTasks } from "./bridge/index.ts";
import { aleoStateTasks } from "./state/index.ts";
import { ALEO, aleoChangeTask, aleoTask } from "./support/declare.ts";
import { withdrawalsTasks } from "./withdrawals/index.ts";

const SCAN = {
  last: option("last", "How far back, e.g. 90s, 30m, 2h, 7d (default: 1h)"),
  fromBlock: option("fromBlock", "Begin at this height instead"),
} as const;

const programTasks = [
  proofxTask(
    ["aleo", "build"],
    "Compile the programs of leo/ with the installed compiler, or check the committed build by its recorded hashes",
  )
    .addOption({ ...ALEO.programs })
    .addFlag({ name: "write", description: "Replace the committed build by what the compiler made" })
    .setAction(() => import("./build.ts"))
    .build(),
  aleoChangeTask(
    ["aleo", "deploy"],
    "Deploy both programs in order, and note it in deployments/aleo-NETWORK.json; what is there already is left alone",
  )
    .setAction(() => import("./deploy.ts"))
    .build(),
  aleoTask(
    ["aleo", "verify-deployment"],
    "Compare the programs on the ledger with the committed build: text, checksum, edition, constructor, admin, pause",
  )
    .addOption(ALEO.programs)
    .setAction(() => import("./verify-deployment.ts"))
    .build(),
];

const callTasks = [
  aleoChangeTask(
    ["aleo", "execute"],
    "Call a function of either program; without inputs it shows what the function takes",
  )
    .addPositionalArgument({
      name: "function",
      description: "Name of the function, e.g. increase_stake",
      type: ArgumentType.STRING_WITHOUT_DEFAULT,
      defaultValue: undefined,
    })
    .addVariadicArgument({
      name: "values",
      description: "Its public inputs in order, e.g. 7 1000, or by name, e.g. amount=1000",
      defaultValue: [],
    })
    .addOption(ALEO.program)
    .addOption(
      option(
        "inputs",
        "File with a JSON object of inputs by name, - for standard input; the only way in for private ones",
      ),
    )
    .addFlag({
      name: "sendAnyway",
      description: "Send it though the ledger is expected to reject it; the fee is spent",
    })
    .setAction(() => import("./execute.ts"))
    .build(),
  aleoChangeTask(
    ["aleo", "pause"],
    "Stop a program, or both, at once: what its admin alone may do; withdrawals that wait are still paid",
  )
    .addOption(ALEO.programs)
    .setAction(() => import("./pause.ts"))
    .build(),
  aleoChangeTask(["aleo", "unpause"], "Let a paused program, or both, go on (admin)")
    .addOption(ALEO.programs)
    .setAction(() => import("./unpause.ts"))
    .build(),
  aleoChangeTask(
    ["aleo", "rotate-admin"],
    "Hand a program, or both, to a new admin: proposed by the old one, accepted by the new one after the delay",
  )
    .addOption(ALEO.programs)
    .addOption(option("to", "Address of the new admin; proposes it (--key: the admin's)"))
    .addFlag({ name: "accept", description: "Accept what was proposed (--key: the new admin's)" })
    .addFlag({ name: "cancel", description: "Take back what was proposed (--key: the admin's)" })
    .addFlag({ name: "wait", description: "With --accept: wait until the delay is over" })
    .setAction(() => import("./rotate-admin.ts"))
    .build(),
];

const watchTasks = [
  aleoTask(
    ["aleo", "activity"],
    "List a program's recent transactions: function, who paid, accepted or rejected",
  )
    .addOption(ALEO.programs)
    .addOption(SCAN.last)
    .addOption(SCAN.fromBlock)
    .addOption(option("function", "Only calls of this function"))
    .addOption(option("payer", "Only what this address paid for"))
    .addFlag({ name: "rejected", description: "Only what the ledger rejected" })
    .addFlag({ name: "watch", description: "Go on with each new block, until interrupted" })
    .setAction(() => import("./activity.ts"))
    .build(),
  aleoTask(
    ["aleo", "analyze-failures"],
    "Group the transactions that the ledger rejected, by function and reason",
  )
    .addOption(ALEO.programs)
    .addFlag({ name: "lastHour", description: "The last hour, which is the default" })
    .addOption(SCAN.last)
    .addOption(SCAN.fromBlock)
    .setAction(() => import("./analyze-failures.ts"))
    .build(),
  aleoTask(
    ["aleo", "health"],
    "One page: node, ledger, programs, admin, pause, escrow, figures; exits with 1 when something is wrong",
  )
    .addFlag({
      name: "quick",
      description: "Leave out how much activity is usual, which reads a day of blocks",
    })
    .setAction(() => import("./health.ts"))
    .build(),
];

const moneyTasks = [
  aleoTask(["aleo", "fee"], "What deploying and each function cost now, in microcredits")
    .addOption(ALEO.programs)
    .addOption(option("function", "Only this function"))
    .addOption(
      option("times", "Also that much, e.g. 1.5, and the --priority-fee and --max-fee that stand for it"),
    )
    .addFlag({ name: "deployment", description: "Also what deploying costs, which takes some ten seconds" })
    .setAction(() => import("./fee.ts"))
    .build(),
  aleoTask(["aleo", "faucet"], "Give an account credits of a development ledger; refused everywhere else")
    .addOption(option("to", "Address that gets them; else --key's"))
    .addOption(option("key", "Name of the key (algorithm aleo) whose address gets them"))
    .addOption(option("amount", "Microcredits (default: 100000000, which are 100 credits)"))
    .setAction(() => import("./faucet.ts"))
    .build(),
  aleoTask(
    ["aleo", "advance"],
    "Make blocks on a development ledger, so that a delay passes; refused elsewhere",
  )
    .addOption(option("blocks", "How many (default: 1)"))
    .setAction(() => import("./advance.ts"))
    .build(),
];

export const aleoTasks = [
  taskGroup("aleo", "The programs on Aleo: build, deploy, call, watch, recover (docs/aleo-operate.md)"),
  ...programTasks,
  ...callTasks,
  ...withdrawalsTasks,
  ...watchTasks,
  ...moneyTasks,
  ...aleoStateTasks,
  ...bridgeTasks,
];
