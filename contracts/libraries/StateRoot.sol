// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

/// @title The chain of state roots (docs/formats.md, section 1)
/// @notice SHA-256, big-endian, each preimage of one fixed length behind its tag.
library StateRoot {
    /// @notice `R`: what a batch says. `H("PROOFX_BATCH_V1" || batch root || facts root || log root)`.
    function content(bytes32 batchRoot, bytes32 factsRoot, bytes32 logRoot) internal pure returns (bytes32) {
        return sha256(abi.encodePacked("PROOFX_BATCH_V1", batchRoot, factsRoot, logRoot));
    }

    /// @notice `H("VES_STATE_ROOT_V1" || stream id || previous || R || u64 start || u64 end || u32 count)`.
    function next(
        bytes32 streamId,
        bytes32 previous,
        bytes32 contentRoot,
        uint64 startSequence,
        uint64 endSequence,
        uint32 count
    ) internal pure returns (bytes32) {
        return sha256(
            abi.encodePacked(
                "VES_STATE_ROOT_V1", streamId, previous, contentRoot, startSequence, endSequence, count
            )
        );
    }
}
