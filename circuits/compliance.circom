pragma circom 2.1.6;

include "./templates/compliance.circom";

/*
@title A committed event satisfied a policy
@notice Says: "I know facts, a sequence and a path such that the facts leaf of `subject` is under `factsRoot`, and the
facts satisfy the policy with hash `policyHash`." One event, chosen by the prover; never that all events did.

Public signals, in this order:
  0 factsRoot   root of the batch's facts tree (octal, depth 6)
  1 policyHash  hash of a policy that the verifying contract registered in plain
  2 subject     the agent's name on chain: its stream and its id, hashed
  3 context     chain, verifying contract, circuit version, submitter and deadline, hashed

Formats: docs/formats.md section 2. Reasoning and constraint budget: docs/circuit.md.
*/
component main {public [factsRoot, policyHash, subject, context]} = Compliance(6);
