import { expect } from "chai";
import { type BaseContract, id, ZeroAddress, ZeroHash } from "ethers";
import type { TimelockController } from "../../build/types/@openzeppelin/contracts/governance/TimelockController.ts";
import { actorsOf, DAY, newChain } from "../support/contracts/chain.ts";
import { type Anchored, anchorNext, reopenArguments, STREAM } from "../support/contracts/registry.ts";
import {
  activationOf,
  codeHashOf,
  deployImplementation,
  deploySystem,
  type System,
} from "../support/contracts/system.ts";

const DELAY = 2 * DAY;
const STATUS = { added: 1n, active: 2n };

/** A call that the timelock is to make. */
interface Operation {
  readonly target: BaseContract;
  readonly data: string;
}

describe("Timelock", () => {
  let system: System;
  let timelock: TimelockController;
  beforeEach(async () => {
    const chain = await newChain();
    const { admin } = await actorsOf(chain);
    const args = [DELAY, [admin.address], [admin.address], ZeroAddress];
    timelock = (await chain.ethers.deployContract("TimelockController", args)) as never;
    system = await deploySystem({ chain, timelock: await timelock.getAddress() });
  });

  const schedule = async ({ target, data }: Operation, delay = DELAY, caller = system.actors.admin) =>
    timelock.connect(caller).schedule(await target.getAddress(), 0, data, ZeroHash, ZeroHash, delay);
  const execute = async ({ target, data }: Operation, caller = system.actors.admin) =>
    timelock.connect(caller).execute(await target.getAddress(), 0, data, ZeroHash, ZeroHash);
  const wait = () => system.chain.time.increase(DELAY);
  const activation = (args: Awaited<ReturnType<typeof activationOf>>): Operation => ({
    target: system.verifier,
    data: system.verifier.interface.encodeFunctionData("activateCircuitVersion", [...args]),
  });
  const granting = (target: BaseContract, role: string): Operation => ({
    target,
    data: target.interface.encodeFunctionData("grantRole", [role, system.actors.admin.address]),
  });
  const asAdmin = () => system.verifier.connect(system.actors.admin);
  const statusOf = async (version: number) => (await system.verifier.circuitVersion(version)).status;
  const deployed = async (name: string) =>
    (
      await system.chain.ethers.deployContract(name, name === "Groth16Verifier" ? [system.echo.key] : [])
    ).getAddress();
  /** What the default admin must not have without the delay. */
  const guarded = async () => [
    { target: system.verifier, role: await system.verifier.UPGRADER_ROLE() },
    { target: system.verifier, role: await system.verifier.CIRCUIT_ROLE() },
    { target: system.registry, role: await system.registry.REOPENER_ROLE() },
    { target: timelock, role: await timelock.DEFAULT_ADMIN_ROLE() },
  ];

  context("the delay", () => {
    it("the default admin cannot schedule with less than the delay", async () => {
      await asAdmin().addCircuitVersion(await deployed("Groth16Verifier"));
      const operation = activation(await activationOf(system, 2));
      for (const delay of [0, DELAY - 1]) {
        await expect(schedule(operation, delay))
          .to.be.revertedWithCustomError(timelock, "TimelockInsufficientDelay")
          .withArgs(delay, DELAY);
      }
    });

    it("the default admin cannot execute before the delay is over", async () => {
      await asAdmin().addCircuitVersion(await deployed("Groth16Verifier"));
      const operation = activation(await activationOf(system, 2));
      const refused = () =>
        expect(execute(operation)).to.be.revertedWithCustomError(
          timelock,
          "TimelockUnexpectedOperationState",
        );
      await refused();
      const { blockNumber } = await schedule(operation);
      const block = await system.chain.ethers.provider.getBlock(blockNumber ?? 0);
      const ready = (block?.timestamp ?? 0) + DELAY;
      await system.chain.time.setNextBlockTimestamp(ready - 1);
      await refused();
      expect(await statusOf(2)).to.equal(STATUS.added);
      await system.chain.time.setNextBlockTimestamp(ready);
      await execute(operation);
      expect(await statusOf(2)).to.equal(STATUS.active);
    });

    it("the default admin cannot shorten the delay at once", async () => {
      await expect(timelock.connect(system.actors.admin).updateDelay(0)).to.be.revertedWithCustomError(
        timelock,
        "TimelockUnauthorizedCaller",
      );
      const shorter = { target: timelock, data: timelock.interface.encodeFunctionData("updateDelay", [0]) };
      await schedule(shorter);
      await expect(execute(shorter)).to.be.revertedWithCustomError(
        timelock,
        "TimelockUnexpectedOperationState",
      );
      expect(await timelock.getMinDelay()).to.equal(DELAY);
    });

    it("an operation is executed once: a replay is refused, and so is scheduling the same again", async () => {
      const shorter = { target: timelock, data: timelock.interface.encodeFunctionData("updateDelay", [DAY]) };
      const longer = {
        target: timelock,
        data: timelock.interface.encodeFunctionData("updateDelay", [3 * DAY]),
      };
      await schedule(shorter);
      await schedule(longer);
      await wait();
      await execute(shorter);
      await execute(longer);
      // Replayed, the first would shorten the delay at once.
      for (const again of [() => execute(shorter), () => schedule(shorter, 3 * DAY)])
        await expect(again()).to.be.revertedWithCustomError(timelock, "TimelockUnexpectedOperationState");
      expect(await timelock.getMinDelay()).to.equal(3 * DAY);
    });

    it("a cancelled operation is not executed, however long it waited", async () => {
      await asAdmin().addCircuitVersion(await deployed("Groth16Verifier"));
      const operation = activation(await activationOf(system, 2));
      await schedule(operation);
      const id = await timelock.hashOperation(
        await operation.target.getAddress(),
        0,
        operation.data,
        ZeroHash,
        ZeroHash,
      );
      await timelock.connect(system.actors.admin).cancel(id);
      await wait();
      await expect(execute(operation)).to.be.revertedWithCustomError(
        timelock,
        "TimelockUnexpectedOperationState",
      );
      expect(await statusOf(2)).to.equal(STATUS.added);
    });

    it("nobody else can schedule or execute", async () => {
      const { guardian, policyAdmin, stranger } = system.actors;
      await asAdmin().addCircuitVersion(await deployed("Groth16Verifier"));
      const operation = activation(await activationOf(system, 2));
      const others = [guardian, policyAdmin, stranger];
      const unauthorised = (sent: Promise<unknown>) =>
        expect(sent).to.be.revertedWithCustomError(timelock, "AccessControlUnauthorizedAccount");
      for (const other of others) await unauthorised(schedule(operation, DELAY, other));
      await schedule(operation);
      await wait();
      for (const other of others) await unauthorised(execute(operation, other));
    });
  });

  context("activating a circuit version", () => {
    it("works once the delay is over", async () => {
      await asAdmin().addCircuitVersion(await deployed("Groth16Verifier"));
      const operation = activation(await activationOf(system, 2));
      await schedule(operation);
      await wait();
      await expect(execute(operation)).to.emit(system.verifier, "CircuitVersionActivated").withArgs(2);
    });

    it("does not let in another circuit verifier that was named while the delay ran", async () => {
      const { verifier, chain } = system;
      const [honest, yesMan] = [
        await deployed("Groth16Verifier"),
        await deployed("AnsweringVerifier__MockForAttest"),
      ];
      const shown = activation([2, honest, await codeHashOf(chain, honest)]);
      await schedule(shown);
      await wait();
      await asAdmin().addCircuitVersion(yesMan);
      await expect(execute(shown))
        .to.be.revertedWithCustomError(verifier, "WrongCircuitVerifier")
        .withArgs(yesMan, honest);
      const wanted = activation(await activationOf(system, 2));
      await expect(execute(wanted)).to.be.revertedWithCustomError(
        timelock,
        "TimelockUnexpectedOperationState",
      );
      expect(await statusOf(2)).to.equal(STATUS.added);
    });

    it("does not let in other code put at the named address while the delay ran", async () => {
      const { verifier, chain } = system;
      const [named, yesMan] = [
        await deployed("Groth16Verifier"),
        await deployed("AnsweringVerifier__MockForAttest"),
      ];
      const [shownHash, otherHash] = [await codeHashOf(chain, named), await codeHashOf(chain, yesMan)];
      const operation = activation([2, named, shownHash]);
      await schedule(operation);
      await wait();
      const snapshot = await chain.helpers.takeSnapshot();
      const otherCode = await chain.ethers.provider.getCode(yesMan);
      const changeCode = () => chain.helpers.setCode(named, otherCode);
      const add = () => asAdmin().addCircuitVersion(named);
      for (const [steps, expected, given] of [
        [[changeCode, add], otherHash, shownHash],
        [[add, changeCode], shownHash, otherHash],
      ] as const) {
        for (const step of steps) await step();
        await expect(execute(operation))
          .to.be.revertedWithCustomError(verifier, "WrongCodeHash")
          .withArgs(expected, given);
        await snapshot.restore();
      }
    });
  });

  context("roles", () => {
    it("the default admin cannot give itself the right to upgrade, activate, reopen, propose or administer the timelock", async () => {
      const { admin } = system.actors;
      const proposing = { target: timelock, role: await timelock.PROPOSER_ROLE() };
      // It proposes from the start; what it lacks is the right to let a second account of its own propose.
      for (const { target, role } of [...(await guarded()), proposing]) {
        const data = target.interface.encodeFunctionData("grantRole", [role, system.actors.stranger.address]);
        await expect(
          admin.sendTransaction({ to: await target.getAddress(), data }),
        ).to.be.revertedWithCustomError(target, "AccessControlUnauthorizedAccount");
      }
    });

    it("the default admin gets such a right only by an operation that waited the delay", async () => {
      const { admin } = system.actors;
      for (const { target, role } of await guarded()) {
        const operation = granting(target, role);
        const holds = () => target.getFunction("hasRole")(role, admin.address);
        await schedule(operation);
        await expect(execute(operation)).to.be.revertedWithCustomError(
          timelock,
          "TimelockUnexpectedOperationState",
        );
        expect(await holds()).to.equal(false);
        await wait();
        await execute(operation);
        expect(await holds()).to.equal(true);
      }
    });
  });

  context("upgrading", () => {
    it("works once the delay is over", async () => {
      const { verifier, chain, library } = system;
      const next = await (
        await deployImplementation(chain, library, "ProofXVerifierNext__Harness")
      ).getAddress();
      const data = verifier.interface.encodeFunctionData("upgradeToAndCall", [next, "0x"]);
      await schedule({ target: verifier, data });
      await expect(execute({ target: verifier, data })).to.be.revertedWithCustomError(
        timelock,
        "TimelockUnexpectedOperationState",
      );
      await wait();
      await execute({ target: verifier, data });
      const slot = BigInt(id("eip1967.proxy.implementation")) - 1n;
      const stored = await chain.helpers.getStorageAt(await verifier.getAddress(), slot);
      expect(BigInt(stored)).to.equal(BigInt(next));
    });
  });

  context("reopening a stream", () => {
    it("works once the delay is over", async () => {
      const { registry, actors } = system;
      const anchored: Anchored[] = [];
      for (let i = 0; i < 3; i++) anchored.push(await anchorNext(registry, actors));
      const args = reopenArguments(anchored, 1);
      const data = registry.interface.encodeFunctionData("reopen", [STREAM, ...args]);
      await schedule({ target: registry, data });
      await expect(execute({ target: registry, data })).to.be.revertedWithCustomError(
        timelock,
        "TimelockUnexpectedOperationState",
      );
      await wait();
      await execute({ target: registry, data });
      const { batchIndex, epoch } = await registry.head(STREAM);
      expect([batchIndex, epoch]).to.deep.equal([1n, 1n]);
    });
  });
});
