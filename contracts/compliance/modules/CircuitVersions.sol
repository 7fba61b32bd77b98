// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRulesUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/extensions/AccessControlDefaultAdminRulesUpgradeable.sol";
import {CircuitStatus, IProofXVerifier} from "../../interfaces/IProofXVerifier.sol";

/// @title The circuit versions and their circuit verifiers
/// @notice Letting a version in takes the timelock's delay, which covers the very code that goes in; throwing one out is
/// instant. Several may be active at once.
abstract contract CircuitVersions is AccessControlDefaultAdminRulesUpgradeable, IProofXVerifier {
    /// @param distrustedSince Unix time (s); `type(uint64).max` while trusted.
    struct CircuitVersion {
        address circuitVerifier;
        CircuitStatus status;
        uint64 distrustedSince;
    }

    /// @custom:storage-location erc7201:proofx.storage.CircuitVersions
    struct CircuitStorage {
        uint32 count;
        mapping(uint32 version => CircuitVersion) versions;
        /// Apart from the versions, so that attesting reads one slot only.
        mapping(uint32 version => bytes32) codeHashes;
    }

    /// @inheritdoc IProofXVerifier
    bytes32 public constant CIRCUIT_ROLE = keccak256("CIRCUIT_ROLE");

    // keccak256(abi.encode(uint256(keccak256("proofx.storage.CircuitVersions")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant CIRCUIT_STORAGE = 0x49b6ca860707d4492e9c496b68a765c4e6f961991a869d256466adb30a042900;

    /// @dev First bytes of an account that delegates its code (EIP-7702), and can change whereto at any time.
    bytes3 private constant DELEGATION = 0xef0100;

    /// @inheritdoc IProofXVerifier
    function addCircuitVersion(address circuitVerifier)
        external
        onlyRole(DEFAULT_ADMIN_ROLE)
        returns (uint32 version)
    {
        return _addCircuitVersion(circuitVerifier);
    }

    /// @inheritdoc IProofXVerifier
    function activateCircuitVersion(uint32 version, address circuitVerifier, bytes32 codeHash)
        external
        onlyRole(CIRCUIT_ROLE)
    {
        CircuitVersion storage record = _knownVersion(version);
        _requireTrusted(version, record.distrustedSince);
        if (circuitVerifier != record.circuitVerifier) {
            revert WrongCircuitVerifier(record.circuitVerifier, circuitVerifier);
        }
        bytes32 recorded = _circuitStorage().codeHashes[version];
        if (codeHash != recorded) revert WrongCodeHash(recorded, codeHash);
        if (circuitVerifier.codehash != recorded) revert WrongCodeHash(recorded, circuitVerifier.codehash);

        _activateCircuitVersion(version);
    }

    /// @inheritdoc IProofXVerifier
    function retireCircuitVersion(uint32 version, bool broken) external onlyRole(DEFAULT_ADMIN_ROLE) {
        CircuitVersion storage record = _knownVersion(version);
        CircuitStatus target = broken ? CircuitStatus.Broken : CircuitStatus.Superseded;
        if (record.status >= target) revert CircuitVersionWrongStatus(version, CircuitStatus.Active, record.status);

        record.status = target;

        emit CircuitVersionRetired(version, broken);
    }

    /// @inheritdoc IProofXVerifier
    function distrustCircuitVersion(uint32 version, uint64 since) external onlyRole(DEFAULT_ADMIN_ROLE) {
        CircuitVersion storage record = _knownVersion(version);
        if (since > block.timestamp) revert SinceInFuture(since, uint64(block.timestamp));
        if (since >= record.distrustedSince) revert DistrustNotEarlier(record.distrustedSince, since);

        record.distrustedSince = since;

        emit CircuitVersionDistrusted(version, since);
    }

    /// @inheritdoc IProofXVerifier
    function circuitVersion(uint32 version)
        external
        view
        returns (address circuitVerifier, CircuitStatus status, uint64 distrustedSince)
    {
        CircuitVersion storage record = _circuitStorage().versions[version];
        return (record.circuitVerifier, record.status, record.distrustedSince);
    }

    /// @inheritdoc IProofXVerifier
    function circuitVersionCount() external view returns (uint32) {
        return _circuitStorage().count;
    }

    function _addCircuitVersion(address circuitVerifier) internal returns (uint32 version) {
        bytes memory code = circuitVerifier.code;
        if (code.length == 0) revert CircuitVerifierHasNoCode(circuitVerifier);
        if (bytes3(code) == DELEGATION) revert CircuitVerifierDelegates(circuitVerifier);
        CircuitStorage storage $ = _circuitStorage();
        bytes32 codeHash = circuitVerifier.codehash;

        version = ++$.count;
        $.versions[version] = CircuitVersion({
            circuitVerifier: circuitVerifier,
            status: CircuitStatus.Added,
            distrustedSince: type(uint64).max
        });
        $.codeHashes[version] = codeHash;

        emit CircuitVersionAdded(version, circuitVerifier, codeHash);
    }

    function _activateCircuitVersion(uint32 version) internal {
        CircuitVersion storage record = _circuitStorage().versions[version];
        if (record.status != CircuitStatus.Added) {
            revert CircuitVersionWrongStatus(version, CircuitStatus.Added, record.status);
        }

        record.status = CircuitStatus.Active;

        emit CircuitVersionActivated(version);
    }

    /// @dev The circuit verifier of a version whose proofs are let in; reverts for any other.
    function _activeCircuitVerifier(uint32 version) internal view returns (address) {
        CircuitVersion memory record = _circuitStorage().versions[version];
        if (record.status != CircuitStatus.Active) revert CircuitVersionNotActive(version, record.status);
        _requireTrusted(version, record.distrustedSince);
        return record.circuitVerifier;
    }

    /// @dev Whether what the version accepted at `attestedAt` does not count.
    function _isVersionVoid(uint32 version, uint64 attestedAt) internal view returns (bool) {
        CircuitVersion memory record = _circuitStorage().versions[version];
        return record.status == CircuitStatus.Broken || record.distrustedSince <= attestedAt;
    }

    function _knownVersion(uint32 version) private view returns (CircuitVersion storage record) {
        record = _circuitStorage().versions[version];
        if (record.status == CircuitStatus.None) revert CircuitVersionUnknown(version);
    }

    function _requireTrusted(uint32 version, uint64 distrustedSince) private pure {
        if (distrustedSince != type(uint64).max) revert CircuitVersionIsDistrusted(version, distrustedSince);
    }

    function _circuitStorage() private pure returns (CircuitStorage storage $) {
        assembly {
            $.slot := CIRCUIT_STORAGE
        }
    }
}
