pragma circom 2.1.6;

include "../lib/fits.circom";

/*
@title Within bounds
@notice Constrains lower <= sum <= upper as signed integers: both differences fit 102 bits.

Inputs:
  sum           assumes |sum| < 2^97, proved by the tag
  lower, upper  mod p; assumes |lower| < 2^100 and |upper| < 2^100. The circuit does not prove this: the contract refuses
                to register any other policy, and no other policy's hash can be attested

Output:
  none: there is no witness when the sum is out of bounds

Under the assumptions each difference is an integer of magnitude below 2^101. If it is negative it stands for a field
element above p - 2^101, which does not fit 102 bits.

Constraints: 204
*/
template WithinBounds() {
    signal input {maxabsbits} sum;
    signal input lower;
    signal input upper;

    assert(sum.maxabsbits <= 97);
    AssertFits(102)(sum - lower);                            // 102
    AssertFits(102)(upper - sum);                            // 102
}
