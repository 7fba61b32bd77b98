import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { readIdentity } from "../../../src/sequencer/identity/index.ts";
import { seconds, token, tokenSigner } from "../../sequencer/auth/support.ts";
import { eventOf, newSigner } from "../../sequencer/ingest/support.ts";
import { describeOnEither } from "../../sequencer/support.ts";
import { newCredential, startWorld, type Tenant, type World } from "./world.ts";

interface Refusals {
  readonly event: {
    readonly event_type: string;
    readonly payload: { readonly refusals: { cause: string; tenant_id: string | null; count: number }[] };
  };
}

describeOnEither("A sequencer's credentials", function (kind) {
  this.timeout(120_000);
  let world: World;
  let ours: Tenant;
  before(async () => {
    world = await startWorld({}, kind);
    ours = await world.newTenant();
  });
  after(() => world?.close());

  const head = (credential: string) => world.call(`/v1/stores/${ours.storeId}/head`, { credential });

  it("a token that its tenant revokes is refused with the next request; other tenants cannot revoke it", async () => {
    const jti = randomUUID();
    const text = await token(await tokenSigner(world.store, ours.tenant), { jti });
    const body = { jti, expires_at: seconds() + 600 };
    const revoke = (credential: string) => world.call("/v1/tokens/revoke", { body, credential });
    expect((await head(text)).status).to.equal(200);
    expect((await revoke(text)).body.code).to.equal("forbidden");
    expect((await revoke((await world.newTenant()).credential)).status).to.equal(200);
    expect((await head(text)).status).to.equal(200);
    expect((await revoke(ours.credential)).status).to.equal(200);
    expect((await head(text)).body).to.include({ code: "unauthorized", status: 401 });
  });

  it("what it refused is in the operator's stream once it stopped, told apart and counted, without a word of the clients'", async () => {
    const bound = await newCredential(world.store, ours.tenant, "agent", randomUUID());
    const lines = await Promise.all([1, 2, 3].map(() => eventOf(ours, ours.agent)));
    await world.call(`/v1/stores/${ours.storeId}/events/batch`, {
      body: lines.map((line) => JSON.stringify(line)).join("\n"),
      type: "application/x-ndjson",
      credential: bound,
    });
    const forged = await eventOf(ours, { ...ours.agent, signer: newSigner() });
    const path = `/v1/stores/${ours.storeId}/events`;
    await world.call(path, { body: forged, credential: ours.credential });
    await world.call(path, { body: {}, credential: await newCredential(world.store, ours.tenant, "reader") });
    const invented = `px_live_aaaaaaaaaaaa_${"A".repeat(43)}`;
    await head(invented);
    await world.restart();

    const { operatorTenant, operatorStore } = await readIdentity(world.store.as("app"));
    const operator = await newCredential(world.store, operatorTenant, "reader");
    const read = await world.call(`/v1/stores/${operatorStore}/events`, { credential: operator });
    const events: Refusals[] = read.body.events.filter(
      ({ event }: Refusals) => event.event_type === "proofx.refusals",
    );
    const all = events.flatMap(({ event }) => event.payload.refusals);
    const counted = (cause: string, tenant: string | null) =>
      all.filter((each) => each.cause === cause && each.tenant_id === tenant).map(({ count }) => count);
    expect(counted("wrong-agent", ours.tenant)).to.deep.equal([3]);
    expect(counted("signature-invalid", ours.tenant)).to.deep.equal([1]);
    expect(counted("token-revoked", ours.tenant)).to.deep.equal([1]);
    expect(counted("api-key-unknown", null)).to.deep.equal([1]);
    expect(counted("forbidden", ours.tenant)).to.include(1);
    expect(JSON.stringify(events)).not.to.contain("px_live_aaaaaaaaaaaa");
    expect(
      (await world.call(`/v1/stores/${operatorStore}/events`, { credential: ours.credential })).status,
    ).to.equal(404);
  });
});
