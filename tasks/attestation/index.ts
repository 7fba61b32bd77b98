import { ACT, option, proofxTask } from "../support/declare.ts";

export const attestationTasks = [
  proofxTask("prove", "Prove that one committed event of an anchored batch satisfies a policy")
    .addOption(option("batch", "Batch file that `batch anchor` wrote"))
    .addOption(option("event", "Id of the event to prove, which must carry facts"))
    .addOption(option("facts", "The event's private facts file, from `facts commit`"))
    .addOption(option("policy", "Id of a registered, active policy"))
    .addOption(option("submitter", "Address that will send the proof; nobody else can"))
    .addOption(
      option("ttl", "Seconds it may be sent in, from now or from when the batch counts (default: 3600)"),
    )
    .addOption(option("zkey", "Proving key of the deployed circuit verifier (default: the one made here)"))
    .addOption(option("out", "File for the proof and what it is about; holds no facts"))
    .addFlag({
      name: "force",
      description: "Do not check the policy in plain first: the circuit itself refuses a breach",
    })
    .setAction(() => import("./prove.ts"))
    .build(),
  proofxTask("attest", "Vouch for proofs and send them; several files go in one transaction")
    .addOption(option("proof", "Proof file that `prove` wrote, or several, comma separated"))
    .addOption(option("signer", "Name of the keystore key with SIGNER_ROLE"))
    .addOption(
      option("nonceKey", "192-bit nonce key, for submissions that may overtake each other (default: 0)"),
    )
    .addFlag({
      name: "sendInvalid",
      description: "Send a proof that does not hold: the chain records it as failed",
    })
    .addOption(ACT.key)
    .addOption(ACT.confirm)
    .addFlag(ACT.dryRun)
    .setAction(() => import("./attest.ts"))
    .build(),
  proofxTask("attestation", "Show the attestation of an agent and a policy, and whether it stands")
    .addOption(option("stream", "Stream id, 0x and 64 hex digits"))
    .addOption(option("agent", "Agent's UUID"))
    .addOption(option("policy", "Policy id"))
    .addOption(
      option("maxAge", "Seconds: compliant only if the batch was anchored within them (default: 86400)"),
    )
    .setAction(() => import("./show.ts"))
    .build(),
];
