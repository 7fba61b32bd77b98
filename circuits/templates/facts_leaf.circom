pragma circom 2.1.6;

include "../../node_modules/circomlib/circuits/poseidon.circom";

/*
@title Facts leaf
@notice Poseidon(subject, sequence, fact commitment): these facts, of this agent, at this place of its stream.

Inputs:
  subject         assumes nothing
  sequence        assumes nothing: the sequencer puts only its own sequence numbers into leaves, and no other number
                  hashes to a leaf of the tree, so a range would add nothing
  factCommitment  assumes nothing

Output:
  out  the leaf

Constraints: 261 (Poseidon, 3 inputs)
*/
template FactsLeaf() {
    signal input subject;
    signal input sequence;
    signal input factCommitment;
    signal output out;

    component hash = Poseidon(3);
    hash.inputs[0] <== subject;
    hash.inputs[1] <== sequence;
    hash.inputs[2] <== factCommitment;
    out <== hash.out;
}
