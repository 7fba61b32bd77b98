// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRulesUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/extensions/AccessControlDefaultAdminRulesUpgradeable.sol";
import {IProofXVerifier} from "../../interfaces/IProofXVerifier.sol";

/// @title Pauses that run out by themselves
/// @notice Guardians share a budget of 7 days. It is full again only after 30 days without a guardian's pause, so no 30
/// days hold more than 7 days of guardians' pauses. The default admin's pauses are not counted.
abstract contract PauseControl is AccessControlDefaultAdminRulesUpgradeable, IProofXVerifier {
    /// @param pausedUntil End of the newest pause, whoever made it.
    /// @param guardianPauseEnd End of the newest guardian's pause; in the future while one runs.
    /// @param budgetUsed Seconds that guardians' pauses took since the budget was last full.
    /// @param spent Guardians that used their right to pause.
    /// @custom:storage-location erc7201:proofx.storage.PauseControl
    struct PauseStorage {
        uint64 pausedUntil;
        uint64 guardianPauseEnd;
        uint64 budgetUsed;
        mapping(address guardian => bool) spent;
    }

    /// @inheritdoc IProofXVerifier
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    uint64 private constant GUARDIAN_BUDGET = 7 days;
    uint64 private constant BUDGET_REST = 30 days;
    uint64 private constant ADMIN_PAUSE = 30 days;

    // keccak256(abi.encode(uint256(keccak256("proofx.storage.PauseControl")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant PAUSE_STORAGE = 0xa6d9e177bc45475baa3bd1f59595681fcf3e6e8829cf2843cc166b0956f5a700;

    /// @inheritdoc IProofXVerifier
    function pause() external {
        PauseStorage storage $ = _pauseStorage();
        uint64 nowTime = uint64(block.timestamp);
        uint64 until;
        if (msg.sender == defaultAdmin()) {
            _endGuardianPause($, nowTime);
            until = nowTime + ADMIN_PAUSE;
        } else {
            _checkRole(PAUSER_ROLE);
            until = _startGuardianPause($, nowTime);
        }

        $.pausedUntil = until;

        emit PausedUntil(msg.sender, until);
    }

    /// @inheritdoc IProofXVerifier
    function unpause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (!paused()) revert ExpectedPause();
        PauseStorage storage $ = _pauseStorage();

        _endGuardianPause($, uint64(block.timestamp));
        $.pausedUntil = uint64(block.timestamp);

        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IProofXVerifier
    function rearmGuardian(address guardian) external onlyRole(DEFAULT_ADMIN_ROLE) {
        PauseStorage storage $ = _pauseStorage();
        if (!$.spent[guardian]) revert GuardianAlreadyArmed(guardian);

        $.spent[guardian] = false;

        emit GuardianRearmed(guardian);
    }

    /// @inheritdoc IProofXVerifier
    function pausedUntil() external view returns (uint64) {
        return _pauseStorage().pausedUntil;
    }

    /// @inheritdoc IProofXVerifier
    function guardianSpent(address guardian) external view returns (bool) {
        return _pauseStorage().spent[guardian];
    }

    /// @inheritdoc IProofXVerifier
    function paused() public view returns (bool) {
        return block.timestamp < _pauseStorage().pausedUntil;
    }

    function _requireNotPaused() internal view {
        if (paused()) revert EnforcedPause(_pauseStorage().pausedUntil);
    }

    function _startGuardianPause(PauseStorage storage $, uint64 nowTime) private returns (uint64 until) {
        _requireNotPaused();
        if ($.spent[msg.sender]) revert GuardianSpent(msg.sender);
        uint64 availableFrom = $.guardianPauseEnd + BUDGET_REST;
        uint64 used = nowTime < availableFrom ? $.budgetUsed : 0;
        if (used == GUARDIAN_BUDGET) revert PauseBudgetSpent(availableFrom);

        until = nowTime + GUARDIAN_BUDGET - used;
        $.spent[msg.sender] = true;
        $.budgetUsed = GUARDIAN_BUDGET;
        $.guardianPauseEnd = until;
    }

    /// @dev Gives the rest of a running guardian's pause back to the budget.
    function _endGuardianPause(PauseStorage storage $, uint64 nowTime) private {
        if ($.guardianPauseEnd <= nowTime) return;

        $.budgetUsed -= $.guardianPauseEnd - nowTime;
        $.guardianPauseEnd = nowTime;
    }

    function _pauseStorage() private pure returns (PauseStorage storage $) {
        assembly {
            $.slot := PAUSE_STORAGE
        }
    }
}
