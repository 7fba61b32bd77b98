// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {
    IAccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/IAccessControlDefaultAdminRules.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IAnchorRegistry} from "../../../contracts/interfaces/IAnchorRegistry.sol";
import {IProofXVerifier} from "../../../contracts/interfaces/IProofXVerifier.sol";

/// @notice Every function of the contracts that can change something, for whoever holds a stolen key.
/// @dev test/contracts/invariants.test.ts compares these lists with the ABIs.
library StateChangers {
    function ofVerifier() internal pure returns (bytes4[] memory list) {
        list = new bytes4[](22);
        list[0] = IProofXVerifier.initialize.selector;
        list[1] = IProofXVerifier.attest.selector;
        list[2] = IProofXVerifier.attestBatch.selector;
        list[3] = IProofXVerifier.registerPolicy.selector;
        list[4] = IProofXVerifier.retirePolicy.selector;
        list[5] = IProofXVerifier.addCircuitVersion.selector;
        list[6] = IProofXVerifier.activateCircuitVersion.selector;
        list[7] = IProofXVerifier.retireCircuitVersion.selector;
        list[8] = IProofXVerifier.distrustCircuitVersion.selector;
        list[9] = IProofXVerifier.distrustSigner.selector;
        list[10] = IProofXVerifier.pause.selector;
        list[11] = IProofXVerifier.unpause.selector;
        list[12] = IProofXVerifier.rearmGuardian.selector;
        list[13] = IAccessControl.grantRole.selector;
        list[14] = IAccessControl.revokeRole.selector;
        list[15] = IAccessControl.renounceRole.selector;
        list[16] = IAccessControlDefaultAdminRules.beginDefaultAdminTransfer.selector;
        list[17] = IAccessControlDefaultAdminRules.acceptDefaultAdminTransfer.selector;
        list[18] = IAccessControlDefaultAdminRules.cancelDefaultAdminTransfer.selector;
        list[19] = IAccessControlDefaultAdminRules.changeDefaultAdminDelay.selector;
        list[20] = IAccessControlDefaultAdminRules.rollbackDefaultAdminDelay.selector;
        list[21] = UUPSUpgradeable.upgradeToAndCall.selector;
    }

    function ofRegistry() internal pure returns (bytes4[] memory list) {
        list = new bytes4[](13);
        list[0] = IAnchorRegistry.openStream.selector;
        list[1] = IAnchorRegistry.replaceAnchorer.selector;
        list[2] = IAnchorRegistry.anchor.selector;
        list[3] = IAnchorRegistry.veto.selector;
        list[4] = IAnchorRegistry.reopen.selector;
        list[5] = IAccessControl.grantRole.selector;
        list[6] = IAccessControl.revokeRole.selector;
        list[7] = IAccessControl.renounceRole.selector;
        list[8] = IAccessControlDefaultAdminRules.beginDefaultAdminTransfer.selector;
        list[9] = IAccessControlDefaultAdminRules.acceptDefaultAdminTransfer.selector;
        list[10] = IAccessControlDefaultAdminRules.cancelDefaultAdminTransfer.selector;
        list[11] = IAccessControlDefaultAdminRules.changeDefaultAdminDelay.selector;
        list[12] = IAccessControlDefaultAdminRules.rollbackDefaultAdminDelay.selector;
    }

    function ofTimelock() internal pure returns (bytes4[] memory list) {
        list = new bytes4[](9);
        list[0] = TimelockController.schedule.selector;
        list[1] = TimelockController.scheduleBatch.selector;
        list[2] = TimelockController.cancel.selector;
        list[3] = TimelockController.execute.selector;
        list[4] = TimelockController.executeBatch.selector;
        list[5] = TimelockController.updateDelay.selector;
        list[6] = IAccessControl.grantRole.selector;
        list[7] = IAccessControl.revokeRole.selector;
        list[8] = IAccessControl.renounceRole.selector;
    }
}
