import { expect } from "chai";
import { notePending } from "../../../src/aleo/pending.ts";
import { needsDevnode } from "../../aleo/support.ts";
import { expectOk, expectRefused } from "../../support/cli.ts";
import { type AleoOperator, startAleoOperator } from "./operator.ts";

const METRICS = { accuracy_rate: 9000, success_rate: 8500, avg_latency_ms: 250, total_executions: 1000 };

describe("operating the Aleo programs, typed as an operator types", function () {
  this.timeout(300_000);
  let operator: AleoOperator;
  const type = (line: string) => operator.type(line);
  const height = () => operator.ledger.height();

  before(async function () {
    needsDevnode(this);
    operator = await startAleoOperator(["admin", "owner", "next"]);
    operator.write("metrics.json", { metrics: METRICS, salt: 4711 });
  });
  after(() => operator?.close());

  it("gives credits of a development ledger", async () => {
    expectRefused(await type("aleo deploy --key admin"), 4, "has 0 credits, and deploying costs more than");
    for (const name of ["admin", "owner", "next"]) expectOk(await type(`aleo faucet --to #${name}`));
    expect(await operator.ledger.balance(operator.accounts.owner ?? "")).to.equal(100_000_000n);
  });

  it("plans a deployment without sending, then deploys, and leaves alone what is there", async () => {
    const before = await height();
    const planned = await type("aleo deploy --dry-run --json");
    expectOk(planned);
    const { programs, total } = planned.json<{ programs: { fee: string; bytes: number }[]; total: string }>();
    expect(programs.map(({ fee }) => BigInt(fee)).reduce((sum, fee) => sum + fee)).to.equal(BigInt(total));
    expect(await height(), "a dry run sends nothing").to.equal(before);

    expectOk(await type("aleo deploy --key admin"));
    const deployed = await height();
    expect(deployed).to.equal(before + 2);
    const again = await type("aleo deploy --key admin --json");
    expectOk(again);
    expect(again.json<{ status: string }>().status).to.equal("already");
    expect(await height(), "what is there is not sent again").to.equal(deployed);
    expectOk(await type("aleo verify-deployment"));
  });

  it("says what a function takes, and refuses inputs that do not fit by name, before a key is opened", async () => {
    const help = await type("aleo execute register_agent");
    expect(help.code).to.equal(2);
    expect(help.stdout).to.match(/salt +private +scalar/);
    const start = "aleo execute --key nobody";
    expectRefused(await type(`${start} increase_stake 7 18446744073709551616`), 2, "amount: expected u64");
    expectRefused(await type(`${start} increase_stake 7`), 2, "amount: expected u64, got nothing");
    expectRefused(await type(`${start} increase_stake 7 1 1`), 2, "2 inputs in the command");
    expectRefused(await type(`${start} increase_stake agnt=7`), 2, "expected agent, amount");
    expectRefused(await type(`${start} register_agent salt=5 agent=7`), 2, "salt is private");
    expectRefused(await type(`${start} pause`), 2, "since both have pause");
    expectRefused(await type(`${start} rob_bank`), 2, "register_agent");
  });

  it("calls a function: private inputs stay out of sight, and the entries it changed are shown", async () => {
    for (const program of ["registry", "verifier"])
      expectOk(await type(`aleo execute close_migration --program ${program} --key admin`));
    const line = "aleo execute register_agent 7 100000 --inputs @metrics.json --key owner";
    const rehearsed = await type(`${line} --dry-run`);
    expectOk(rehearsed);
    expect(rehearsed.stdout)
      .to.include("agents[7field]: nothing -> { holder:")
      .and.to.include("score: 8500u32");
    expect(await operator.ledger.mapping("agent_registry_v3.aleo", "agents", "7field")).to.equal(undefined);

    const done = await type(`${line} --json`);
    expectOk(done);
    expect(done.stdout + done.stderr)
      .not.to.include("4711")
      .and.not.to.include("8500u32,\n");
    const [sent] = done.json<{ transactions: { changes: { mapping: string; after: string }[] }[] }>()
      .transactions;
    expect(sent?.changes.map(({ mapping }) => mapping)).to.deep.equal(["agents", "totals", "totals"]);
  });

  it("sends nothing that the ledger would reject, unless it is told to, and nothing dearer than allowed", async () => {
    const before = await height();
    const again = "aleo execute register_agent 7 100000 --inputs @metrics.json --key owner";
    expectRefused(await type(again), 3, "the ledger would reject it, so nothing was sent");
    expectRefused(await type("aleo pause --program registry --key owner"), 3, "roles[0u8]");
    expectRefused(
      await type("aleo execute increase_stake 7 5 --key owner --max-fee 10"),
      3,
      "at most 0.00001",
    );
    expect(await height()).to.equal(before);

    expectRefused(await type(`${again} --send-anyway`), 1, "its fee is spent");
    expect(await height()).to.equal(before + 1);
  });

  it("pauses both programs at once, says so, and lets them go on", async () => {
    expectOk(await type("aleo pause --key admin"));
    const paused = await height();
    expect((await type("aleo pause --key admin")).stdout).to.include("Already so, nothing sent");
    expect(await height()).to.equal(paused);
    const sick = await type("aleo health --quick");
    expect(sick.code).to.equal(1);
    expect(sick.stdout)
      .to.match(/WRONG registry, paused/)
      .and.to.match(/WRONG verifier, paused/);
    expectRefused(await type("aleo execute increase_stake 7 5 --key owner"), 3, "paused[true]");
    expectOk(await type("aleo unpause --key admin"));
    expectOk(await type("aleo health --quick"));
  });

  it("lists withdrawals, and pays those whose wait is over, five a transaction, each once", async () => {
    for (const ticket of [1, 2, 3, 4, 5, 6])
      expectOk(await type(`aleo execute request_withdrawal 7 1000 ${ticket} --key owner`));
    const listed = await type("aleo withdrawals list --json");
    const { withdrawals } = listed.json<{ withdrawals: { ticket: string; state: string }[] }>();
    expect(withdrawals.map(({ ticket }) => ticket)).to.deep.equal(
      [1, 2, 3, 4, 5, 6].map((each) => `${each}field`),
    );
    expect(new Set(withdrawals.map(({ state }) => state))).to.deep.equal(new Set(["waiting"]));
    expect((await type("aleo withdrawals process --key next")).stdout).to.include("6 not ready yet");

    await operator.advance(20);
    const before = await operator.ledger.balance(operator.accounts.owner ?? "");
    const start = await height();
    const few = await type("aleo withdrawals process --batch-size 2 --dry-run --key next");
    expect(few.stdout).to.include("pay 2 withdrawals, 0.002 credits").and.include("left: 4 ready");
    const all = await type("aleo withdrawals process --batch-size 10 --key next");
    expectOk(all);
    expect(all.stdout).to.include("left: 0 ready, 0 not ready yet");
    expect(await operator.ledger.balance(operator.accounts.owner ?? "")).to.equal(before + 6_000n);
    expect(await height()).to.equal(start + 2);
    expect((await type("aleo withdrawals process --key next")).stdout).to.include("nothing sent");
    expect(await height()).to.equal(start + 2);
  });

  it("finishes what an interrupted command had signed, whether or not it was sent, and pays it once", async () => {
    const registry = "agent_registry_v3.aleo";
    const stake = async () =>
      /stake: (\d+)u64/.exec((await operator.ledger.mapping(registry, "agents", "7field")) ?? "")?.[1];
    const line = "aleo execute increase_stake 7 500 --key owner";
    const owner = await operator.client("owner");
    const built = await owner.build(registry, "increase_stake", ["7field", "500u64"]);
    const genesis = (await operator.ledger.block(0))?.block_hash ?? "";
    const before = Number(await stake());
    for (const moment of ["killed before it was sent", "killed before its block was seen"]) {
      notePending(operator.notes, "devnode", { ...built, genesis });
      const finished = await type(line);
      expectOk(finished);
      expect(finished.stdout, moment)
        .to.include("increase_stake was accepted")
        .and.include("nothing else was sent");
      expect(Number(await stake()), moment).to.equal(before + 500);
    }
    notePending(operator.notes, "devnode", { ...built, genesis: "ab1another" });
    expectOk(await type(line));
    expect(Number(await stake()), "another ledger's is not sent here").to.equal(before + 1000);
  });

  it("hands a program to a new admin in two steps, the second after the delay", async () => {
    const rotate = "aleo rotate-admin --program registry";
    expectOk(await type(`${rotate} --to #next --key admin`));
    expectRefused(await type(`${rotate} --accept --key next`), 3, "too early");
    expectRefused(await type(`${rotate} --accept --key owner`), 3, "was not proposed");
    expect((await type(rotate)).stdout).to.match(
      /is proposed, and may accept from height \d+, in \d+ blocks/,
    );
    expectOk(await type(`${rotate} --cancel --key admin`));
    expectRefused(await type(`${rotate} --accept --key next`), 3, "was not proposed");
    expectOk(await type(`${rotate} --to #next --key admin`));
    await operator.advance(10);
    expectOk(await type(`${rotate} --accept --wait --key next`));
    expect((await type(`${rotate} --accept --key next`)).stdout).to.include("Already so");
    expectRefused(await type("aleo pause --program registry --key admin"), 3, "roles[0u8]");
    expect(
      (await type("aleo rotate-admin --json"))
        .json<{ admins: { admin: string }[] }>()
        .admins.map(({ admin }) => admin),
    ).to.deep.equal([operator.accounts.next, operator.accounts.admin]);
  });

  it("lists who called what, and groups what was rejected by function and reason", async () => {
    type Listed = { transactions: { accepted: boolean; payer: string; calls: { function: string }[] }[] };
    const all = (await type("aleo activity --from-block 0 --json")).json<Listed>().transactions;
    expect(all.filter(({ accepted }) => !accepted)).to.have.length(1);
    const requests = await type(
      "aleo activity --from-block 0 --function request_withdrawal --payer #owner --json",
    );
    expect(requests.json<Listed>().transactions).to.have.length(6);
    expect((await type("aleo activity --from-block 0 --payer #next --function pause")).stdout).to.match(
      /^0 transactions/,
    );

    const analyzed = await type("aleo analyze-failures --last-hour --json");
    expectOk(analyzed);
    const { groups } = analyzed.json<{ groups: { function: string; reason: string; count: number }[] }>();
    expect(groups).to.have.length(1);
    expect(groups[0]).to.include({ function: "agent_registry_v3.aleo/register_agent", count: 1 });
    expect(groups[0]?.reason).to.include("contains(agents[FIELD])");
  });

  it("prices functions, and names the options for half as much again", async () => {
    const priced = await type("aleo fee --program registry --function pause --times 1.5 --json");
    expectOk(priced);
    const [price] = priced.json<{ prices: { base: string; multiplied: string }[] }>().prices;
    expect(BigInt(price?.multiplied ?? 0)).to.equal((BigInt(price?.base ?? 0) * 3n + 1n) / 2n);
    expectRefused(await type("aleo fee --times 0.5"), 2, "a number from 1 up");
    expectRefused(await type("aleo fee --function rob_bank"), 2, "a function of the chosen program");
  });

  it("finds in the end nothing wrong, with what the figures rest on", async () => {
    const { code, stdout } = await type("aleo health --quick --json");
    expect(code, stdout).to.equal(0);
    type Page = { ok: boolean; figures: Record<string, { samples: number; status: string; window: object }> };
    const { ok, figures } = JSON.parse(stdout) as Page;
    expect(ok).to.equal(true);
    expect(figures.failureRate).to.deep.include({ status: "known" });
    expect(figures.confirmationTime).to.deep.include({ status: "known" });
    expect(figures.activity).to.include({ status: "not enough data" });
  });
});
