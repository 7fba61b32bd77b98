pragma circom 2.1.6;

// Domain tags: the ASCII text as a big-endian integer of 56 bits.

/* "PXFACT1", the packed facts of a fact commitment. */
function TAG_F() {
    return 0x50584641435431;
}

/* "PXPOLI1", the packed rule of a policy hash. */
function TAG_P() {
    return 0x5058504f4c4931;
}
