import { ACT, option, proofxTask } from "../support/declare.ts";

export const attestationTasks = [
  proofxTask("prove", "Prove that one committed event of an anchored batch satisfies a policy")
    .addOption(option("batch", "Required. Batch file that `batch anchor` wrote"))
    .addOption(option("event", "Required. Id of the event to prove, which must carry facts"))
    .addOption(option("facts", "Required. The event's private facts file, from `facts commit`"))
    .addOption(option("policy", "Required. Id of a registered, active policy"))
    .addOption(option("submitter", "Required. Address that will send the proof; nobody else can"))
    .addOption(
      option("ttl", "Seconds it may be sent in, from now or from when the batch counts (default: 3600)"),
    )
    .addOption(option("zkey", "Proving key of the deployed circuit verifier (default: the one made here)"))
    .addOption(
      option(
        "prover",
        "URL of a prover service (docs/prover.md), which then learns the facts (default: prove here)",
      ),
    )
    .addOption(option("out", "Required. File for the proof and what it is about; holds no facts"))
    .addFlag({
      name: "force",
      description: "Do not check the policy in plain first: the circuit itself refuses a breach",
    })
    .setAction(() => import("./prove.ts"))
    .build(),
  proofxTask("attest", "Vouch for proofs and send them; several files go in one transaction")
    .addOption(option("proof", "Required. Proof file that `prove` wrote, or several, comma separated"))
    .addOption(option("signer", "Required. Name of the keystore key with SIGNER_ROLE"))
    .addOption(
      option("nonceKey", "192-bit nonce key, for submissions that may overtake each other (default: 0)"),
    )
    .addFlag({
      name: "sendInvalid",
      description: "Send a proof that does not hold: the chain records it as failed",
    })
    .addOption(
      option("key", "Required. Name of the keystore key that sends: the submitter named in the proofs"),
    )
    .addOption(ACT.confirm)
    .addFlag(ACT.dryRun)
    .setAction(() => import("./attest.ts"))
    .build(),
  proofxTask("attestation", "Show the attestation of an agent and a policy, and whether it stands")
    .addOption(option("stream", "Required. Stream id, 0x and 64 hex digits"))
    .addOption(option("agent", "Required. Agent's UUID"))
    .addOption(option("policy", "Required. Policy id"))
    .addOption(
      option("maxAge", "Seconds: compliant only if the batch was anchored within them (default: 86400)"),
    )
    .setAction(() => import("./show.ts"))
    .build(),
];
