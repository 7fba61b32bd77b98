// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

/// @notice One batch as its anchorer hands it in.
/// @param startSequence First sequence number of the batch; must be the stream's last anchored one plus 1.
/// @param endSequence Last sequence number of the batch, inclusive; below 2^64 - 1, so that a next batch exists.
/// @param count `endSequence - startSequence + 1`, at most 2^18.
/// @param batchRoot Root of the VES batch tree over the batch's leaves.
/// @param factsRoot Root of the Poseidon tree over the batch's facts; 0 when no event carries facts.
/// @param logRoot RFC 9162 root of the stream's whole log at size `endSequence`.
struct Batch {
    uint64 startSequence;
    uint64 endSequence;
    uint32 count;
    bytes32 batchRoot;
    bytes32 factsRoot;
    bytes32 logRoot;
}

/// @notice What names one anchored batch to a proof: the preimage of its ring slot.
/// @param batchIndex Position of the batch in its stream, from 1.
/// @param end Last sequence number of the batch.
/// @param matureAt Unix time (s) from which the facts root counts.
/// @param factsRoot The anchored facts root.
struct BatchRef {
    uint64 batchIndex;
    uint64 end;
    uint64 matureAt;
    bytes32 factsRoot;
}

/// @notice The newest batch of a stream.
/// @param anchorer The one address that may anchor; zero while the stream is suspended.
/// @param batchIndex Number of batches in the stream's chain; 0 before the first.
/// @param end Last anchored sequence number; 0 before the first batch.
/// @param stateRoot State root after that batch; 0 before the first.
/// @param maturityDelay Seconds from anchoring until a facts root counts; fixed when the stream was opened.
/// @param epoch Times the stream was reopened.
struct Head {
    address anchorer;
    uint64 batchIndex;
    uint64 end;
    bytes32 stateRoot;
    uint32 maturityDelay;
    uint32 epoch;
}

/// @notice What a state root commits to besides its predecessor: enough to walk the chain of state roots.
/// @param contentRoot `H("PROOFX_BATCH_V1" || batch root || facts root || log root)` (R in docs/formats.md).
/// @param end Last sequence number of the batch.
struct CutBatch {
    bytes32 contentRoot;
    uint64 end;
}

/// @title The anchors of every stream's batches
/// @notice Each stream is a chain of batches taken from that stream's one anchorer. A gap, a fork or a rewind is
/// refused; what the anchorer itself forged can be vetoed before it counts and cut, in the open, by the timelock.
/// @dev Warning: the default admin can replace an anchorer at once, and so stop a stream; it cannot rewind one.
/// @dev Warning: an anchorer decides what its batches say. The registry checks that they chain, not that they are true.
/// @dev Warning: the default admin, by naming itself anchorer here and signer in `ProofXVerifier`, can attest facts that
/// no agent signed. That is visible in events, and counts only after the maturity delay.
/// @dev Warning: if more than 256 batches of a stream are anchored within its maturity delay, no facts root of the stream
/// ever counts: each leaves the ring before it is mature.
interface IAnchorRegistry {
    /// @notice A stream was opened with its one anchorer.
    event StreamOpened(bytes32 indexed streamId, address indexed anchorer, uint32 maturityDelay);

    /// @notice A stream's anchorer was replaced; the zero address suspends the stream.
    event AnchorerReplaced(bytes32 indexed streamId, address indexed previousAnchorer, address indexed newAnchorer);

    /// @notice A batch was anchored.
    /// @param startSequence, endSequence, batchRoot, factsRoot, logRoot As in `Batch`.
    /// @param stateRoot The stream's state root after this batch.
    /// @param matureAt Unix time (s) from which `factsRoot` counts.
    event BatchAnchored(
        bytes32 indexed streamId,
        uint64 indexed batchIndex,
        uint64 startSequence,
        uint64 endSequence,
        bytes32 batchRoot,
        bytes32 factsRoot,
        bytes32 logRoot,
        bytes32 stateRoot,
        uint64 matureAt
    );

    /// @notice A guardian vetoed a batch before it was mature: its facts root will never count.
    event BatchVetoed(bytes32 indexed streamId, uint64 indexed batchIndex, address indexed guardian);

    /// @notice The batches after `batchIndex` were cut by the timelock and a new epoch began.
    event StreamReopened(
        bytes32 indexed streamId, uint64 indexed batchIndex, uint32 indexed epoch, uint64 cutCount, bytes32 stateRoot
    );

    /// @notice An address that must be somebody's is zero.
    error ZeroAddress();
    /// @notice A stream id cannot be zero.
    error ZeroStreamId();
    /// @notice No stream with this id was opened.
    error StreamUnknown(bytes32 streamId);
    /// @notice The stream exists; it cannot be opened again.
    error StreamAlreadyOpen(bytes32 streamId);
    /// @notice The maturity delay (s) is above the maximum.
    error MaturityDelayTooLong(uint32 maximum, uint32 given);
    /// @notice The caller is not the stream's anchorer; `expected` is zero while the stream is suspended.
    error NotAnchorer(address expected, address given);
    /// @notice The batch leaves a gap or goes back: it must start at the last anchored sequence number plus 1.
    error WrongStart(uint64 expected, uint64 given);
    /// @notice The batch ends so high that no batch could follow.
    error WrongEnd(uint64 maximum, uint64 given);
    /// @notice The batch is empty.
    error EndBeforeStart(uint64 startSequence, uint64 endSequence);
    /// @notice The stated count is not the length of the batch's range.
    error WrongCount(uint64 expected, uint64 given);
    /// @notice The batch has more events than its facts tree has leaves.
    error BatchTooLarge(uint64 maximum, uint64 given);
    /// @notice The batch stands on another history: a fork.
    error WrongPreviousStateRoot(bytes32 expected, bytes32 given);
    /// @notice The facts root is not below the scalar field's order, so no proof could be about it.
    error FactsRootNotInField(bytes32 given);
    /// @notice The batch has no facts, so nothing can be proved about it.
    error FactsRootZero();
    /// @notice No recent batch of the stream has this index, end, maturity and facts root.
    error BatchUnknown(bytes32 streamId, uint64 batchIndex);
    /// @notice A guardian vetoed the batch: its facts root never counts.
    error BatchIsVetoed(bytes32 streamId, uint64 batchIndex);
    /// @notice The facts root does not count yet (unix times, s).
    error BatchNotMature(uint64 matureAt, uint64 timestamp);
    /// @notice Too late for a veto: the facts root counts already (unix times, s).
    error BatchAlreadyMature(uint64 matureAt, uint64 timestamp);
    /// @notice The index to keep is the head's or above.
    error NothingToCut(uint64 headIndex, uint64 givenIndex);
    /// @notice Not as many cut batches given as there are after the index to keep.
    error WrongCutLength(uint64 expected, uint256 given);
    /// @notice The kept state and the cut batches do not hash to the stream's state root.
    error WrongCutChain(bytes32 expectedHead, bytes32 computedHead);

    /// @notice Role that may veto a batch that is not mature.
    function GUARDIAN_ROLE() external view returns (bytes32);

    /// @notice Role that may reopen a stream: the timelock's alone, and its own role admin.
    function REOPENER_ROLE() external view returns (bytes32);

    /// @notice Opens a stream with its one anchorer. Default admin only.
    /// @param streamId `H("VES_STREAM_V1" || tenant || store)`, not zero.
    /// @param maturityDelay Seconds before a facts root counts, at most 7 days; zero on development networks.
    function openStream(bytes32 streamId, address anchorer, uint32 maturityDelay) external;

    /// @notice Replaces a stream's anchorer at once; the zero address suspends the stream. Default admin only.
    function replaceAnchorer(bytes32 streamId, address newAnchorer) external;

    /// @notice Appends a batch to the caller's stream.
    /// @param previousStateRoot The state root this batch is built on; must be the stream's own, so that a fork is refused.
    /// @return stateRoot The new state root.
    function anchor(bytes32 streamId, Batch calldata batch, bytes32 previousStateRoot)
        external
        returns (bytes32 stateRoot);

    /// @notice Takes back a batch that is not mature yet, before any proof can stand on it. Guardians only.
    /// @dev The batch stays in the chain of state roots; only its facts root never counts.
    function veto(bytes32 streamId, BatchRef calldata batchRef) external;

    /// @notice Cuts every batch after `batchIndex` and starts a new epoch. Timelock only.
    /// @dev The caller gives the kept state and the cut batches, oldest first; they must hash, step by step, to the
    /// stream's current state root, so not even the timelock can set a head that was never anchored.
    /// Suspend the stream first: a batch anchored while the timelock waits makes the given chain stale.
    /// @param batchIndex Index of the last batch to keep; 0 cuts them all.
    /// @param end Last sequence number of that batch.
    /// @param stateRoot State root after that batch.
    /// @param cut The batches to cut.
    function reopen(bytes32 streamId, uint64 batchIndex, uint64 end, bytes32 stateRoot, CutBatch[] calldata cut)
        external;

    /// @notice The newest batch of a stream and its settings; reverts for an unknown stream.
    function head(bytes32 streamId) external view returns (Head memory);

    /// @notice Checks that a batch's facts root counts now: not zero, anchored, among the 256 most recent, not cut, not
    /// vetoed, mature; reverts with what is wrong.
    /// @return epoch The stream's current epoch.
    /// @return anchoredAt Unix time (s) at which the batch was anchored.
    function requireUsable(bytes32 streamId, BatchRef calldata batchRef)
        external
        view
        returns (uint32 epoch, uint64 anchoredAt);

    /// @notice Whether batch `batchIndex` as it stood in `epoch` is still part of the stream's chain. Indices are used
    /// again after a cut, so an index alone does not name a batch.
    function isKept(bytes32 streamId, uint32 epoch, uint64 batchIndex) external view returns (bool);
}
