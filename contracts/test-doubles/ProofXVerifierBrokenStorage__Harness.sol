// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts-upgradeable/proxy/utils/UUPSUpgradeable.sol";

/// @title A next implementation whose storage does not fit what the proxy holds
contract ProofXVerifierBrokenStorage__Harness is UUPSUpgradeable {
    /// @dev The first member of the real one is an address.
    /// @custom:storage-location erc7201:proofx.storage.ProofXVerifier
    struct VerifierStorage {
        uint256 somethingElse;
        address registry;
    }

    // solhint-disable-next-line no-empty-blocks
    function _authorizeUpgrade(address) internal override {}
}
