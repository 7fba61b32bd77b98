import { expect } from "chai";
import {
  accountOfPrivateKey,
  loadSdk,
  openAleo,
  ownedRecords,
  RejectedTransaction,
  transitionsOf,
} from "../../src/aleo/index.ts";
import { CheckError, InputError, RefusedError, UnavailableError } from "../../src/core/errors.ts";
import { type AleoUnderTest, needsDevnode, startAleo } from "./support.ts";

const METRICS = { accuracy_rate: 9000, success_rate: 8500, avg_latency_ms: 250, total_executions: 1000 };
const AGENT = 7n;
const REGISTRATION = { agent: AGENT, metrics: METRICS, salt: 5n, stake: 5000n };

async function refusal(promise: Promise<unknown>): Promise<Error & { next?: string }> {
  return promise.then(
    () => expect.fail("expected a refusal"),
    (error: unknown) => error as Error,
  );
}

describe("a client of an Aleo ledger", function () {
  this.timeout(400_000);
  let aleo: AleoUnderTest;
  before(async function () {
    needsDevnode(this);
    aleo = await startAleo();
  });
  after(() => aleo?.close());

  it("executes a function and reads what it left, by name and type", async () => {
    const { registry, address } = await aleo.party(1);
    const sent = await registry.execute("register_agent", REGISTRATION);
    expect(sent.status).to.equal("accepted");
    const record = await registry.mapping("agents", AGENT);
    expect(record).to.deep.include({ stake: 5000n, score: 8500, active: true, registered_at: sent.height });
    expect(record).to.satisfy((each: object) => Object.values(each).includes(address));
    expect(await registry.mapping("agents", 8n)).to.equal(undefined);
    const block = await aleo.ledger.block(sent.height);
    const [first] = block?.transactions ?? [];
    expect(first && transitionsOf(first).at(-1)?.function).to.equal("register_agent");
  });

  it("says which rule a rejected transaction met, and that its fee is spent", async () => {
    const { registry, client } = await aleo.party(2);
    const before = await client.balance();
    const error = await refusal(registry.execute("register_agent", REGISTRATION));
    expect(error).to.be.instanceOf(RejectedTransaction);
    expect(error.message).to.contain("agents[7field]");
    expect((await client.balance()) < before).to.equal(true);
  });

  it("sends nothing that the function itself refuses, that does not parse, or that no program has", async () => {
    const { registry, client } = await aleo.party(2);
    const height = await aleo.ledger.height();
    const low = await refusal(registry.execute("register_agent", { ...REGISTRATION, agent: 9n, stake: 1n }));
    expect(low).to.be.instanceOf(CheckError);
    expect(low.message).to.contain("nothing was sent");
    expect(await refusal(client.execute("agent_registry_v3.aleo", "pause", ["1u8"]))).to.be.instanceOf(
      InputError,
    );
    expect(await refusal(client.execute("agent_registry_v3.aleo", "burn", []))).to.be.instanceOf(InputError);
    expect(await refusal(client.execute("nobody.aleo", "burn", []))).to.be.instanceOf(RefusedError);
    expect(await aleo.ledger.height()).to.equal(height);
  });

  it("keeps within the fee it may pay and the credits it has", async () => {
    const { registry, client } = await aleo.party(3);
    const height = await aleo.ledger.height();
    const inputs = { ...REGISTRATION, agent: 10n };
    const dear = await refusal(registry.execute("register_agent", inputs, { fee: { maximum: 10n } }));
    expect(dear).to.be.instanceOf(RefusedError);
    expect(dear.next).to.contain("--max-fee");
    expect(
      await refusal(registry.execute("register_agent", inputs, { fee: { priority: -1n } })),
    ).to.be.instanceOf(InputError);
    const sdk = await loadSdk();
    const poor = openAleo({
      ledger: client.ledger,
      account: await accountOfPrivateKey(new sdk.PrivateKey().to_string()),
    });
    const broke = await refusal(poor.execute("credits.aleo", "transfer_public", [client.address, "1u64"]));
    expect(broke).to.be.instanceOf(UnavailableError);
    expect(broke.message).to.contain("0 credits");
    expect(await aleo.ledger.height()).to.equal(height);
  });

  it("pays once for one act, however often it is sent, also by who died in between", async () => {
    const { client } = await aleo.party(4);
    const { address } = await aleo.party(5);
    const height = await aleo.ledger.height();
    const written: string[] = [];
    const died = await refusal(
      client.execute("credits.aleo", "transfer_public", [address, "11u64"], {
        fee: { priority: 500n },
        beforeSend: ({ id }) => {
          written.push(id);
          throw new Error("killed");
        },
      }),
    );
    expect(died.message).to.equal("killed");
    expect(await aleo.ledger.height()).to.equal(height);

    const built = await client.build("credits.aleo", "transfer_public", [address, "11u64"], {
      fee: { priority: 500n },
    });
    const before = await aleo.ledger.balance(address);
    const sent = await client.resend(built);
    expect(sent.fee).to.equal(built.fee);
    expect((await client.resend(built)).height).to.equal(sent.height);
    expect(await client.ledger.broadcast(built.text)).to.equal(false);
    expect(await aleo.ledger.balance(address)).to.equal(before + 11n);
    expect(written).to.have.length(1);
  });

  it("finds an account's records, spent and unspent, and nobody else's", async () => {
    const { client, account } = await aleo.party(6);
    const { account: other } = await aleo.party(5);
    const first = (await aleo.ledger.height()) + 1;
    await client.execute("credits.aleo", "transfer_public_to_private", [account.address, "300u64"]);
    const [record] = await ownedRecords(aleo.ledger, account, { first });
    expect(record).to.include({ program: "credits.aleo", name: "credits", spent: false });
    expect(record?.members).to.include({ owner: account.address, microcredits: "300u64" });
    await client.execute("credits.aleo", "transfer_private_to_public", [
      record?.plaintext ?? "",
      account.address,
      "100u64",
    ]);
    const records = await ownedRecords(aleo.ledger, account, { first });
    expect(records.map(({ members, spent }) => [members.microcredits, spent])).to.deep.equal([
      ["300u64", true],
      ["200u64", false],
    ]);
    expect(await ownedRecords(aleo.ledger, other, { first })).to.deep.equal([]);
  });

  it("reads blocks in order, more than a node gives at once, and asks for none that is not there", async () => {
    const last = await aleo.devnode.advance(25);
    expect(last).to.be.greaterThan(50);
    const heights: number[] = [];
    for await (const block of aleo.ledger.blocks(0, last)) heights.push(block.header.metadata.height);
    expect(heights).to.deep.equal(Array.from({ length: last + 1 }, (_, i) => i));
    expect(await aleo.ledger.block(last + 1)).to.equal(undefined);
    const beyond = async () => {
      for await (const _ of aleo.ledger.blocks(last, last + 1));
    };
    expect(await refusal(beyond())).to.be.instanceOf(UnavailableError);
  });
});
