pragma circom 2.1.6;

include "../../node_modules/circomlib/circuits/bitify.circom";
include "./fits.circom";

/*
@title A bit of a mask is set
@notice Constrains `mask` to 2^levels bits, `index` to `levels` bits, and bit number `index` of the mask to 1.

The mask is cut in halves. The top bit of the index says which half is kept; the other half is range checked and left;
the kept half is cut again. After `levels` cuts one bit is kept, and it must be 1. Read upwards: that 1 fits one bit, so
with the bit left beside it two bits fit, and so on up to the whole mask. So the range of the mask is proved on the way,
and no multiplexer over its bits is needed.

Params:
  levels  log2 of the mask's width, at most 6

Inputs:
  mask   assumes nothing
  index  assumes nothing

Outputs:
  maskInRange   the same mask, tagged `maxbits = 2^levels`
  indexInRange  the same index, tagged `maxbits = levels`

Constraints: 2^levels - 1 for the halves that are left, and 2 a level (an index bit, a product): 75 at 6 levels
*/
template BitIsSet(levels) {
    signal input mask;
    signal input index;
    signal output {maxbits} maskInRange;
    signal output {maxbits} indexInRange;

    assert(levels <= 6);
    component indexBits = Num2Bits(levels);                  // levels
    indexBits.in <== index;

    signal kept[levels + 1];
    signal high[levels];
    signal low[levels];
    component leftFits[levels];

    kept[0] <== mask;
    for (var i = 0; i < levels; i++) {
        var half = 1 << (levels - 1 - i);

        high[i] <-- kept[i] >> half;
        low[i] <== kept[i] - high[i] * (1 << half);
        kept[i + 1] <== low[i] + indexBits.out[levels - 1 - i] * (high[i] - low[i]); // 1 a level

        leftFits[i] = AssertFits(half);                      // 2^levels - 1 in all
        leftFits[i].in <== low[i] + high[i] - kept[i + 1];
    }
    kept[levels] === 1;

    maskInRange.maxbits = 1 << levels;
    maskInRange <== mask;
    indexInRange.maxbits = levels;
    indexInRange <== index;
}
