/** `p`, the order of BN254's scalar field: every number a circuit knows is below it (EIP-196). */
export const SCALAR_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
