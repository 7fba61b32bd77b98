pragma circom 2.1.6;

include "../../node_modules/circomlib/circuits/poseidon.circom";
include "./tags.circom";

/*
@title Fact commitment
@notice Poseidon(a0 + a1*2^64 + a2*2^128, a3 + category*2^64 + TAG_F*2^72, salt). The widths make the packing
injective: two different fact vectors never share a packed form. The salt makes the commitment hiding.

Inputs:
  amounts   assumes at most 64 bits each, proved by the tag
  category  assumes at most 8 bits, proved by the tag
  salt      assumes nothing

Output:
  out  the fact commitment

Constraints: 261 (Poseidon, 3 inputs)
*/
template FactCommitment() {
    signal input {maxbits} amounts[4];
    signal input {maxbits} category;
    signal input salt;
    signal output out;

    assert(amounts.maxbits <= 64);
    assert(category.maxbits <= 8);

    component hash = Poseidon(3);
    hash.inputs[0] <== amounts[0] + amounts[1] * (1 << 64) + amounts[2] * (1 << 128);
    hash.inputs[1] <== amounts[3] + category * (1 << 64) + TAG_F() * (1 << 72);
    hash.inputs[2] <== salt;
    out <== hash.out;
}
