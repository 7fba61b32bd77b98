// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {PoseidonT4} from "poseidon-solidity/PoseidonT4.sol";
import {IProofXVerifier, Policy} from "../interfaces/IProofXVerifier.sol";
import {Bn254} from "./Bn254.sol";

/// @title The hash of a policy (docs/formats.md, section 2)
/// @notice `Poseidon(sum (w_i + 2^31)*2^(32 i) + mask*2^128 + TAG_P*2^192, lower mod p, upper mod p)`.
library PolicyHash {
    /// @dev `TAG_P`, the text "PXPOLI1": keeps policy hashes apart from every other Poseidon hash with three inputs.
    uint256 internal constant TAG = 0x5058504f4c4931;

    /// @dev Bounds stay below this in size: the circuit compares in 102 bits.
    int256 internal constant BOUND_LIMIT = 2 ** 100;

    /// @notice The hash of a policy; reverts for bounds that the circuit could not compare.
    function hash(Policy calldata parameters) internal pure returns (uint256) {
        _requireBound(parameters.lower);
        _requireBound(parameters.upper);
        if (parameters.lower > parameters.upper) {
            revert IProofXVerifier.PolicyBoundsCrossed(parameters.lower, parameters.upper);
        }

        return PoseidonT4.hash([_packed(parameters), _modP(parameters.lower), _modP(parameters.upper)]);
    }

    function _packed(Policy calldata parameters) private pure returns (uint256 packed) {
        packed = (TAG << 192) | (uint256(parameters.categoryMask) << 128);
        for (uint256 i = 0; i < 4; ++i) {
            // In 0 .. 2^32 - 1 after the shift by 2^31, so the four never touch.
            packed |= uint256(int256(parameters.weights[i]) + 2 ** 31) << (32 * i);
        }
    }

    function _modP(int256 bound) private pure returns (uint256) {
        return bound < 0 ? Bn254.SCALAR_ORDER - uint256(-bound) : uint256(bound);
    }

    function _requireBound(int256 bound) private pure {
        if (bound >= BOUND_LIMIT || bound <= -BOUND_LIMIT) revert IProofXVerifier.PolicyBoundTooLarge(bound);
    }
}
