pragma circom 2.1.6;

include "../../node_modules/circomlib/circuits/poseidon.circom";
include "../lib/member.circom";

/*
@title Root of the facts tree from a path
@notice Climbs an octal tree: at each level the node below is one of eight children, and their hash is the next node.

Params:
  depth  levels between a leaf and the root

Inputs:
  leaf      assumes a Poseidon output. An empty child is 0, and nobody knows an input that hashes to 0, so an empty place
            cannot be passed off as a leaf or a node
  children  all eight children at each level, from the leaf's level up, the node below among them; assumes nothing

Output:
  root  the root that these children lead to

The position is not an input: a leaf binds its sequence, so its place adds nothing.

Constraints: 409 a level (7 membership, 402 Poseidon with 8 inputs)
*/
template FactsTreeRoot(depth) {
    signal input leaf;
    signal input children[depth][8];
    signal output root;

    signal nodes[depth + 1];
    component members[depth];
    component hashes[depth];

    nodes[0] <== leaf;
    for (var i = 0; i < depth; i++) {
        members[i] = Member(8);                              // 7
        members[i].value <== nodes[i];
        members[i].set <== children[i];
        hashes[i] = Poseidon(8);                             // 402
        hashes[i].inputs <== children[i];
        nodes[i + 1] <== hashes[i].out;
    }
    root <== nodes[depth];
}
