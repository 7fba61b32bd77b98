pragma circom 2.1.6;

include "../../node_modules/circomlib/circuits/bitify.circom";

/*
@title Range check
@notice Constrains a field element to the integers 0 .. 2^n - 1.

Params:
  n  bits, at most 252, so that no two bit vectors stand for one field element

Inputs:
  in  assumes nothing

Output:
  none: there is no witness when the value is out of range

Constraints: n (each bit is boolean; their sum is linear)
*/
template AssertFits(n) {
    signal input in;

    assert(n <= 252);
    component bits = Num2Bits(n);
    bits.in <== in;
    // The bits themselves are of no use: that they exist is the proof.
    _ <== bits.out;
}

/*
@title Range proof
@notice Range checks that hand the values on with the tag that says so.

Params:
  count  values
  n      bits of each, as for AssertFits

Inputs:
  in  count values; assumes nothing

Output:
  out  the same values, tagged `maxbits = n`

Constraints: count * n
*/
template Fit(count, n) {
    signal input in[count];
    signal output {maxbits} out[count];

    component checks[count];
    for (var i = 0; i < count; i++) {
        checks[i] = AssertFits(n);                           // n each
        checks[i].in <== in[i];
    }
    out.maxbits = n;
    out <== in;
}
