import { type Command, InvalidArgumentError } from "commander";

interface Common {
  readonly json?: boolean;
}

interface About extends Common {
  readonly deployment: string;
  readonly network?: string;
}

/** `proofx subgraph ...` */
export function addSubgraph(proofx: Command): void {
  const subgraph = proofx
    .command("subgraph")
    .description("What the contracts said, as tables that can be queried; docs/subgraph.md");
  subgraph
    .command("codegen")
    .description("Generate the mappings' types from schema and ABIs, under build/subgraph")
    .option("--network <name>", "names the folder", "local")
    .option("--json", "print the result as JSON")
    .action(codegen);
  about(subgraph.command("build"), "Compile the subgraph for a deployment, under build/subgraph")
    .option("--json", "print the result as JSON")
    .action(build);
  subgraph
    .command("test")
    .description("Run the mappings' tests (subgraph/tests) through a graph-node's store")
    .argument("[files...]", "names within subgraph/tests; all without them")
    .option("--json", "print the result as JSON")
    .action(test);
  about(
    subgraph.command("dev"),
    "Run a graph-node with the subgraph until Ctrl-C; what it stored goes with it",
  )
    .requiredOption("--rpc <url>", "the chain's JSON-RPC")
    .option("--port <number>", "port of the queries on 127.0.0.1; 0 is a free one", whole, 8000)
    .option("--verbose", "show the node's own log")
    .action(dev);
  about(subgraph.command("deploy"), "Give the subgraph to a graph-node that stays")
    .argument("<name>", "what that node calls it")
    .requiredOption("--node <url>", "the node's URL for its administrators")
    .requiredOption("--ipfs <url>", "the IPFS it reads from")
    .option("--dry-run", "build it, and say what would be sent")
    .option("--json", "print the result as JSON")
    .action(deploy);
  subgraph
    .command("query")
    .description("Ask a ready query of docs/subgraph.md")
    .argument("[name]", "which one; --list names them")
    .option("--list", "name the queries, with what they ask for")
    .option("--url <url>", "the subgraph's", "http://127.0.0.1:8000/subgraphs/name/subgraph-0")
    .option("--var <name=value>", "fill in what it asks for; may be repeated", collect, [])
    .option("--block <number>", "as of this block", whole)
    .option("--json", "print the result as JSON")
    .action(query);
  subgraph
    .command("lag")
    .description(
      "How many blocks it is behind its chain; exit code 1 above the limit, or when a handler failed",
    )
    .requiredOption("--rpc <url>", "the chain's JSON-RPC")
    .option("--url <url>", "the subgraph's", "http://127.0.0.1:8000/subgraphs/name/subgraph-0")
    .option("--status <url>", "its node's endpoint for statuses, which knows why a handler failed")
    .option("--limit <blocks>", "how many are no reason to worry", whole, 50)
    .option("--wait <seconds>", "until it is within the limit, at most that long", whole, 0)
    .option("--json", "print the result as JSON")
    .action(lag);
}

function about(command: Command, description: string): Command {
  return command
    .description(description)
    .option("--deployment <file>", "the deployment it follows", "deployments/local.json")
    .option("--network <name>", "what the graph-node calls the chain; the deployment's name without it");
}

async function codegen(options: Common & { readonly network: string }): Promise<void> {
  const [{ generateTypes, projectFolder }, { print }] = await Promise.all([
    import("../../ops/subgraph/project.ts"),
    import("../output.ts"),
  ]);
  const folder = projectFolder(options.network);
  await generateTypes(folder);
  print({ data: { folder }, lines: [`Types are in ${folder}/generated`] }, options.json);
}

async function build(options: About): Promise<void> {
  const [{ projectFolder, buildSubgraph }, { note, print }] = await Promise.all([
    import("../../ops/subgraph/project.ts"),
    import("../output.ts"),
  ]);
  const { network, places } = await followed(options);
  note("compiling the mappings");
  const manifest = await buildSubgraph(projectFolder(network), network, places);
  print(
    { data: { network, manifest, places }, lines: [`The subgraph for ${network} is in ${manifest}`] },
    options.json,
  );
}

async function test(files: readonly string[], { json }: Common): Promise<void> {
  const [{ testSubgraph }, { note, print }] = await Promise.all([
    import("../../ops/subgraph/tests.ts"),
    import("../output.ts"),
  ]);
  note("compiling the mappings, then a database for each file");
  const { passed, failed, output } = await testSubgraph(files);
  const lines = [output.trim(), `${passed} passed, ${failed} failed`];
  print({ data: { passed, failed, output }, lines, ...(failed > 0 ? { exitCode: 1 as const } : {}) }, json);
}

interface DevOptions extends About {
  readonly rpc: string;
  readonly port?: number;
  readonly verbose?: boolean;
}

async function dev(options: DevOptions): Promise<void> {
  const [{ projectFolder, buildSubgraph }, { startGraphNode }, { runUntilStopped }, { note }, { asService }] =
    await Promise.all([
      import("../../ops/subgraph/project.ts"),
      import("../../ops/graph-node.ts"),
      import("../../services/support/run.ts"),
      import("../output.ts"),
      import("../local-node.ts"),
    ]);
  const { network, places } = await followed(options);
  await runUntilStopped(
    "subgraph dev",
    async () => {
      note("compiling the mappings");
      await buildSubgraph(projectFolder(network), network, places);
      note("starting graph-node, with a database of its own");
      const node = await startGraphNode({
        project: projectFolder(network),
        network,
        rpcUrl: options.rpc,
        ...(options.port === undefined ? {} : { port: options.port }),
        ...(options.verbose === true ? { onLog: note } : {}),
      });
      note(`deploy others beside it: --node ${node.admin} --ipfs ${node.ipfs}`);
      note(`how they are: --status ${node.status}`);
      return asService("graph-node", node);
    },
    note,
  );
}

interface DeployOptions extends About {
  readonly node: string;
  readonly ipfs: string;
  readonly dryRun?: boolean;
}

async function deploy(name: string, options: DeployOptions): Promise<void> {
  const [{ projectFolder, buildSubgraph, deploySubgraph }, { note, print }] = await Promise.all([
    import("../../ops/subgraph/project.ts"),
    import("../output.ts"),
  ]);
  const { network, places } = await followed(options);
  const { node, ipfs } = options;
  const data = { name, network, places, node, ipfs, dryRun: options.dryRun === true };
  note("compiling the mappings");
  if (options.dryRun === true) {
    const manifest = await buildSubgraph(projectFolder(network), network, places);
    const lines = [
      `${manifest} is built; it would go to ${ipfs}, and as ${name} to ${node}`,
      "Nothing was sent.",
    ];
    return print({ data: { ...data, manifest }, lines }, options.json);
  }
  await deploySubgraph(projectFolder(network), { name, node, ipfs }, network, places);
  print({ data, lines: [`${node} has ${name}, for ${network}`] }, options.json);
}

interface QueryOptions extends Common {
  readonly list?: boolean;
  readonly url: string;
  readonly var: readonly string[];
  readonly block?: number;
}

async function query(name: string | undefined, options: QueryOptions): Promise<void> {
  const [{ ask }, { atBlock, readyQueries, readyQuery }, { print }, { InputError }] = await Promise.all([
    import("../../ops/subgraph/query.ts"),
    import("../../ops/subgraph/ready.ts"),
    import("../output.ts"),
    import("../../core/errors.ts"),
  ]);
  if (options.list === true) {
    const queries = readyQueries().map((each) => ({ name: each.name, variables: each.variables }));
    const lines = queries.map((each) =>
      [each.name, ...each.variables.map((one) => `--var ${one}=…`)].join("  "),
    );
    return print({ data: { queries }, lines }, options.json);
  }
  if (name === undefined)
    throw InputError.expected("query", "a name", undefined, "npx proofx subgraph query --list");
  const { text, variables } = readyQuery(name);
  const given = Object.fromEntries(
    options.var.map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  const missing = variables.find((variable) => !(variable in given));
  if (missing !== undefined) throw InputError.expected(`--var ${missing}=`, "a value", undefined);
  const asked = options.block === undefined ? text : atBlock(text, options.block);
  const data = await ask<object>(options.url, asked, given);
  print({ data, lines: [JSON.stringify(data, null, 2)] }, options.json);
}

interface LagOptions extends Common {
  readonly rpc: string;
  readonly url: string;
  readonly status?: string;
  readonly limit: number;
  readonly wait: number;
}

async function lag({ rpc, url, status, limit, wait, json }: LagOptions): Promise<void> {
  const [{ readFailure }, { chainHead }, { untilWithin }, { oneLine }, { print }] = await Promise.all([
    import("../../ops/subgraph/query.ts"),
    import("../../ops/subgraph/chain-head.ts"),
    import("../../ops/subgraph/catch-up.ts"),
    import("../../ops/alerts/text.ts"),
    import("../output.ts"),
  ]);
  const { blocks, number, failed, deployment } = await untilWithin(url, () => chainHead(rpc), limit, wait);
  const failure = status === undefined ? undefined : await readFailure(status, deployment);
  const where = failure?.block === undefined ? "" : ` at block ${failure.block}`;
  const why = failure === undefined ? "" : `: ${oneLine(failure.message)}`;
  const stopped = failed || failure !== undefined;
  const lines = [
    `${blocks} blocks behind, at block ${number}; the limit is ${limit}`,
    ...(stopped ? [`A handler failed${where}, and it goes no further${why}`] : []),
    ...(stopped && status === undefined ? ["--status URL asks its node why"] : []),
  ];
  const data = { blocks, number, failed: stopped, ...(failure === undefined ? {} : { failure }), limit };
  print({ data, lines, ...(stopped || blocks > limit ? { exitCode: 1 as const } : {}) }, json);
}

/** The network and contracts that a subgraph is about. */
async function followed({ deployment, network }: About) {
  const { placesOf } = await import("../../ops/subgraph/project.ts");
  const { readDeploymentFile } = await import("../../chain/deployment.ts");
  const found = readDeploymentFile(deployment);
  return { network: network ?? found.network, places: placesOf(found) };
}

function collect(value: string, before: readonly string[]): string[] {
  if (/^\w+=/.test(value)) return [...before, value];
  throw new InvalidArgumentError("expected NAME=VALUE");
}

function whole(text: string): number {
  const number = Number(text);
  if (/^\d{1,10}$/.test(text)) return number;
  throw new InvalidArgumentError("expected a whole number");
}
