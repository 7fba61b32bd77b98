// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRulesUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/extensions/AccessControlDefaultAdminRulesUpgradeable.sol";
import {IProofXVerifier, Policy} from "../../interfaces/IProofXVerifier.sol";
import {PolicyHash} from "../../libraries/PolicyHash.sol";

/// @title The registered policies
/// @notice In plain beside their hash, so that nobody has to trust a hash. Ids run from 1 and are never reused.
abstract contract PolicyBook is AccessControlDefaultAdminRulesUpgradeable, IProofXVerifier {
    struct PolicyRecord {
        uint256 policyHash;
        bool active;
        Policy parameters;
    }

    /// @custom:storage-location erc7201:proofx.storage.PolicyBook
    struct PolicyStorage {
        uint256 count;
        mapping(uint256 policyId => PolicyRecord) policies;
    }

    /// @inheritdoc IProofXVerifier
    bytes32 public constant POLICY_ROLE = keccak256("POLICY_ROLE");

    // keccak256(abi.encode(uint256(keccak256("proofx.storage.PolicyBook")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant POLICY_STORAGE = 0xff953280a71567d242538e54a4494e014e0c232967e544b788cf95aceffc9b00;

    /// @inheritdoc IProofXVerifier
    function registerPolicy(Policy calldata parameters) external onlyRole(POLICY_ROLE) returns (uint256 policyId) {
        uint256 policyHash = PolicyHash.hash(parameters);
        PolicyStorage storage $ = _policyStorage();

        policyId = ++$.count;
        $.policies[policyId] = PolicyRecord({policyHash: policyHash, active: true, parameters: parameters});

        emit PolicyRegistered(
            policyId,
            policyHash,
            parameters.weights,
            parameters.lower,
            parameters.upper,
            parameters.categoryMask
        );
    }

    /// @inheritdoc IProofXVerifier
    function retirePolicy(uint256 policyId) external {
        if (msg.sender != defaultAdmin()) _checkRole(POLICY_ROLE);
        _activePolicyHash(policyId);

        _policyStorage().policies[policyId].active = false;

        emit PolicyRetired(policyId);
    }

    /// @inheritdoc IProofXVerifier
    function hashPolicy(Policy calldata parameters) external pure returns (uint256) {
        return PolicyHash.hash(parameters);
    }

    /// @inheritdoc IProofXVerifier
    function policy(uint256 policyId)
        external
        view
        returns (Policy memory parameters, uint256 policyHash, bool active)
    {
        PolicyRecord storage record = _policyStorage().policies[policyId];
        return (record.parameters, record.policyHash, record.active);
    }

    /// @inheritdoc IProofXVerifier
    function policyCount() external view returns (uint256) {
        return _policyStorage().count;
    }

    function _activePolicyHash(uint256 policyId) internal view returns (uint256) {
        if (!_isPolicyActive(policyId)) revert PolicyNotActive(policyId);
        return _policyStorage().policies[policyId].policyHash;
    }

    function _isPolicyActive(uint256 policyId) internal view returns (bool) {
        return _policyStorage().policies[policyId].active;
    }

    function _policyStorage() private pure returns (PolicyStorage storage $) {
        assembly {
            $.slot := POLICY_STORAGE
        }
    }
}
