// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRulesUpgradeable
} from "@openzeppelin/contracts-upgradeable/access/extensions/AccessControlDefaultAdminRulesUpgradeable.sol";
import {
    EIP712Upgradeable
} from "@openzeppelin/contracts-upgradeable/utils/cryptography/EIP712Upgradeable.sol";
import {NoncesKeyedUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/NoncesKeyedUpgradeable.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IProofXVerifier, Submission} from "../../interfaces/IProofXVerifier.sol";

/// @title Who may vouch for a submission, and since when not any more
/// @notice Revoking `SIGNER_ROLE` ends what a signer can do; distrusting it also voids what it did.
abstract contract SignerTrust is
    AccessControlDefaultAdminRulesUpgradeable,
    EIP712Upgradeable,
    NoncesKeyedUpgradeable,
    IProofXVerifier
{
    /// @param sincePlusOne Distrusted since, plus 1; 0 while trusted, so that distrust can begin at time 0.
    /// @custom:storage-location erc7201:proofx.storage.SignerTrust
    struct SignerStorage {
        mapping(address signer => uint64) sincePlusOne;
    }

    /// @inheritdoc IProofXVerifier
    bytes32 public constant SIGNER_ROLE = keccak256("SIGNER_ROLE");

    // The type string of EIP-712 cannot be shorter.
    // solhint-disable gas-small-strings
    bytes32 private constant SUBMISSION_TYPEHASH = keccak256(
        "Submission(uint256 policyId,bytes32 streamId,bytes16 agentId,uint64 batchIndex,uint64 end,uint64 matureAt,bytes32 factsRoot,uint32 circuitVersion,bytes32 proofHash,address submitter,uint256 nonce,uint64 deadline)"
    );
    // solhint-enable gas-small-strings

    // keccak256(abi.encode(uint256(keccak256("proofx.storage.SignerTrust")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant SIGNER_STORAGE = 0xb5658ee77efa47e06f1690b7cd4f9761d3f108f45442e21bfd2f4a7389e74600;

    /// @inheritdoc IProofXVerifier
    function distrustSigner(address signer, uint64 since) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (signer == address(0)) revert ZeroAddress();
        if (since > block.timestamp) revert SinceInFuture(since, uint64(block.timestamp));
        uint64 recorded = signerDistrustedSince(signer);
        if (since >= recorded) revert DistrustNotEarlier(recorded, since);

        _signerStorage().sincePlusOne[signer] = since + 1;

        emit SignerDistrusted(signer, since);
    }

    /// @inheritdoc IProofXVerifier
    function signerDistrustedSince(address signer) public view returns (uint64) {
        uint64 sincePlusOne = _signerStorage().sincePlusOne[signer];
        return sincePlusOne == 0 ? type(uint64).max : sincePlusOne - 1;
    }

    /// @inheritdoc IProofXVerifier
    function submissionDigest(Submission calldata submission) public view returns (bytes32) {
        // All members are static and 32 bytes each when encoded, which is exactly EIP-712's encodeData.
        return _hashTypedDataV4(keccak256(abi.encode(SUBMISSION_TYPEHASH, submission)));
    }

    /// @dev Finds who vouched for a submission, checks that it may, and uses up its nonce.
    function _useSignature(Submission calldata submission, bytes calldata signature)
        internal
        returns (address signer)
    {
        signer = ECDSA.recoverCalldata(submissionDigest(submission), signature);
        if (!hasRole(SIGNER_ROLE, signer)) revert SignerNotAuthorised(signer);
        uint64 since = signerDistrustedSince(signer);
        if (since != type(uint64).max) revert SignerIsDistrusted(signer, since);

        _useCheckedNonce(signer, submission.nonce);
    }

    /// @dev Constants instead of storage: the domain is part of the code, and four reads cheaper.
    // solhint-disable-next-line func-name-mixedcase
    function _EIP712Name() internal pure override returns (string memory) {
        return "ProofX";
    }

    /// @dev See `_EIP712Name`.
    // solhint-disable-next-line func-name-mixedcase
    function _EIP712Version() internal pure override returns (string memory) {
        return "1";
    }

    function _signerStorage() private pure returns (SignerStorage storage $) {
        assembly {
            $.slot := SIGNER_STORAGE
        }
    }
}
