// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {ProofXVerifier} from "../compliance/ProofXVerifier.sol";

/// @title A sound next implementation: everything stays, one function is new
/// @dev It has nothing to initialise.
/// @custom:oz-upgrades-unsafe-allow external-library-linking missing-initializer
contract ProofXVerifierNext__Harness is ProofXVerifier {
    /// @notice Tells this implementation from the first.
    function generation() external pure returns (uint256) {
        return 2;
    }
}
