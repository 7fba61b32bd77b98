// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

/// @title The BN254 curve through the precompiles of EIP-196 and EIP-197
/// @notice Points and pairing inputs live in memory that the caller owns and names by its address.
/// @dev A precompile that refuses its input (coordinate not in the field, point not on the curve or not in the
/// subgroup) takes all gas it was given. So the first failure must end the caller's work: 1/64 is left to answer.
library Bn254 {
    /// @dev Order of the groups and of the scalar field; `p` in docs/formats.md.
    uint256 internal constant SCALAR_ORDER =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// @dev Modulus of the base field, in which coordinates live.
    uint256 internal constant BASE_MODULUS =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @dev Bytes of one (G1, G2) pair in a pairing input.
    uint256 internal constant PAIR_BYTES = 192;

    /// @notice Writes `(x, y) * scalar` to the two words at `target`.
    function mulTo(uint256 target, uint256 x, uint256 y, uint256 scalar) internal view returns (bool ok) {
        assembly ("memory-safe") {
            let scratch := mload(0x40)
            mstore(scratch, x)
            mstore(add(scratch, 0x20), y)
            mstore(add(scratch, 0x40), scalar)
            ok := staticcall(gas(), 0x07, scratch, 0x60, target, 0x40)
        }
    }

    /// @notice Adds `(x, y) * scalar` to the point at `target`.
    function mulAddTo(uint256 target, uint256 x, uint256 y, uint256 scalar) internal view returns (bool ok) {
        assembly ("memory-safe") {
            let scratch := mload(0x40)
            mstore(scratch, x)
            mstore(add(scratch, 0x20), y)
            mstore(add(scratch, 0x40), scalar)
            ok := staticcall(gas(), 0x07, scratch, 0x60, scratch, 0x40)
            if ok {
                mstore(add(scratch, 0x40), mload(target))
                mstore(add(scratch, 0x60), mload(add(target, 0x20)))
                ok := staticcall(gas(), 0x06, scratch, 0x80, target, 0x40)
            }
        }
    }

    /// @notice Whether the product of `pairs` pairings, laid out from `input`, is one. False for a malformed input.
    function pairingIsOne(uint256 input, uint256 pairs) internal view returns (bool ok) {
        assembly ("memory-safe") {
            ok := staticcall(gas(), 0x08, input, mul(pairs, PAIR_BYTES), 0x00, 0x20)
            ok := and(ok, eq(mload(0x00), 1))
        }
    }

    /// @notice Replaces a precompile's answer at `target` by the opposite point.
    function negateAt(uint256 target) internal pure {
        uint256 y;
        assembly ("memory-safe") {
            y := mload(add(target, 0x20))
        }
        y = negated(y);
        assembly ("memory-safe") {
            mstore(add(target, 0x20), y)
        }
    }

    /// @notice The y coordinate of the opposite point. `y` must be below the base modulus.
    function negated(uint256 y) internal pure returns (uint256) {
        // The point at infinity, (0, 0), is its own opposite.
        return y == 0 ? 0 : BASE_MODULUS - y;
    }

    /// @notice Reserves zeroed memory.
    /// @return start Address of its first byte.
    function allocate(uint256 size) internal pure returns (uint256 start) {
        assembly ("memory-safe") {
            start := mload(0x40)
            mstore(0x40, add(start, size))
            // Reading past the end of calldata gives zeros.
            calldatacopy(start, calldatasize(), size)
        }
    }

    /// @notice Writes two words: a G1 point, or half of a G2 point.
    function store(uint256 target, uint256 first, uint256 second) internal pure {
        assembly ("memory-safe") {
            mstore(target, first)
            mstore(add(target, 0x20), second)
        }
    }
}
