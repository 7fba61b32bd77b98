import { expect } from "chai";
import { makeRelayer, makeWorld, type TestRelayer, type World } from "./world.ts";

describe("The relayer brings a proof to the chain", function () {
  this.timeout(60_000);
  let world: World;
  let relayer: TestRelayer;
  before(async () => {
    world = await makeWorld();
    relayer = await makeRelayer(world);
  });
  after(async () => {
    await relayer?.close();
    await world?.close();
  });

  it("once, signed by the signer, sent by the sender", async () => {
    const file = await world.prove(relayer.sender);
    const id = await relayer.submit(file, "one");
    const view = await relayer.ended(id);
    expect(view.failure).to.equal(undefined);
    expect(view.state).to.equal("final");
    expect(await world.events(file)).to.equal(1);
  });
});
