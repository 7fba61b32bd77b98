// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {IProofXVerifier} from "../interfaces/IProofXVerifier.sol";

/// @title A static call with a fixed stipend
/// @notice The callee gets exactly the stipend, whatever the sender's gas limit: a low limit cannot turn its answer,
/// and a callee that burns its gas cannot take more.
library StipendCall {
    /// @dev Kept back for what follows the call: two fresh storage slots, an event, and the call's own cost.
    uint256 internal constant RESERVE = 60_000;

    /// @notice Whether `target` answered exactly one word that is 1. A revert or running out of gas is a false answer.
    function answersTrue(address target, uint256 stipend, bytes memory data) internal view returns (bool answer) {
        // EIP-150 lets a call pass on all but 1/64 of the gas, and silently passes on less than was asked for.
        uint256 required = stipend + stipend / 63 + RESERVE;
        if (gasleft() < required) revert IProofXVerifier.NotEnoughGas(required, gasleft());

        assembly ("memory-safe") {
            let ok := staticcall(stipend, target, add(data, 0x20), mload(data), 0x00, 0x20)
            answer := and(and(ok, eq(returndatasize(), 0x20)), eq(mload(0x00), 1))
        }
    }
}
