// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {AnchorRegistry} from "../../contracts/compliance/AnchorRegistry.sol";
import {ProofXVerifier} from "../../contracts/compliance/ProofXVerifier.sol";
import {Batch, BatchRef, CutBatch} from "../../contracts/interfaces/IAnchorRegistry.sol";
import {Proof} from "../../contracts/interfaces/IGroth16Verifier.sol";
import {Attestation, InitParams, Policy, Submission} from "../../contracts/interfaces/IProofXVerifier.sol";
import {StateRoot} from "../../contracts/libraries/StateRoot.sol";

interface Vm {
    function warp(uint256 timestamp) external;
    function addr(uint256 privateKey) external returns (address);
    function sign(uint256 privateKey, bytes32 digest) external returns (uint8 v, bytes32 r, bytes32 s);
}

/// @notice A circuit verifier that accepts everything: only the rules round the proof are tried here.
contract AcceptingVerifier__MockForAttest {
    fallback() external {
        assembly {
            mstore(0x00, 1)
            return(0x00, 0x20)
        }
    }
}

/// @notice One subject, one policy, and everything that can happen to its attestation, compared with a plain model.
contract AttestationDriver {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bytes32 private constant STREAM = keccak256("stream");
    bytes16 private constant AGENT = bytes16(uint128(1));

    AnchorRegistry private immutable REGISTRY;
    ProofXVerifier private immutable VERIFIER;

    uint256 private _now = 1_000_000_000;
    uint256 private _signerKey = 1;
    uint192 private _nonceKey = 1;
    bytes32[] private _roots;
    BatchRef[] private _refs;

    /// @dev The model: what stands, as a person would say it.
    bool public recorded;
    uint64 public batchIndex;
    uint256 public signerKey;
    uint256 public attestedAt;
    bool public cutOff;
    bool public distrusted;

    constructor() {
        VM.warp(_now);
        REGISTRY = new AnchorRegistry(address(this), 0, new address[](0), address(this));
        REGISTRY.openStream(STREAM, address(this), 0);
        InitParams memory params;
        params.admin = address(this);
        params.timelock = address(1);
        params.registry = address(REGISTRY);
        params.circuitVerifier = address(new AcceptingVerifier__MockForAttest());
        params.policyAdmins = new address[](1);
        params.policyAdmins[0] = address(this);
        bytes memory data = abi.encodeCall(ProofXVerifier.initialize, (params));
        VERIFIER = ProofXVerifier(address(new ERC1967Proxy(address(new ProofXVerifier()), data)));
        VERIFIER.grantRole(VERIFIER.SIGNER_ROLE(), VM.addr(_signerKey));
        int32[4] memory weights;
        VERIFIER.registerPolicy(Policy({weights: weights, lower: 0, upper: 0, categoryMask: 1}));
    }

    /// @notice Time goes by.
    function wait(uint8 time) external {
        _now += time;
        VM.warp(_now);
    }

    /// @notice Anchors the next batch, of one event.
    function anchor(uint128 salt) external {
        VM.warp(_now);
        uint64 next = uint64(_refs.length) + 1;
        bytes32 factsRoot = bytes32(uint256(salt) + 1);
        bytes32 previous = next == 1 ? bytes32(0) : _roots[next - 2];
        _roots.push(REGISTRY.anchor(STREAM, Batch(next, next, 1, factsRoot, factsRoot, factsRoot), previous));
        _refs.push(BatchRef(next, next, uint64(_now), factsRoot));
    }

    /// @notice Cuts the stream after some batch.
    function reopen(uint256 seed) external {
        VM.warp(_now);
        if (_refs.length == 0) return;
        uint256 keep = seed % _refs.length;
        CutBatch[] memory cut = new CutBatch[](_refs.length - keep);
        for (uint256 i = 0; i < cut.length; ++i) {
            bytes32 factsRoot = _refs[keep + i].factsRoot;
            cut[i] = CutBatch(StateRoot.content(factsRoot, factsRoot, factsRoot), uint64(keep + i + 1));
        }
        REGISTRY.reopen(STREAM, uint64(keep), uint64(keep), keep == 0 ? bytes32(0) : _roots[keep - 1], cut);
        while (_refs.length > keep) {
            _refs.pop();
            _roots.pop();
        }
        if (recorded && batchIndex > keep) cutOff = true;
    }

    /// @notice Distrusts the present signer, for ever or from now on, and takes on another.
    function distrust(bool forEver) external {
        VM.warp(_now);
        VERIFIER.distrustSigner(VM.addr(_signerKey), forEver ? 0 : uint64(_now));
        if (recorded && signerKey == _signerKey && (forEver || attestedAt >= _now)) distrusted = true;
        _signerKey += 1;
        VERIFIER.grantRole(VERIFIER.SIGNER_ROLE(), VM.addr(_signerKey));
    }

    /// @notice Tries to attest some batch; the outcome must be the model's.
    function attest(uint256 seed) external {
        VM.warp(_now);
        if (_refs.length == 0) return;
        BatchRef memory ref = _refs[seed % _refs.length];
        bool expected = !recorded || cutOff || ref.batchIndex > batchIndex
            || (distrusted && ref.batchIndex == batchIndex);
        require(_tryAttest(ref) == expected, "the forward rule and its model differ");
        if (!expected) return;

        (recorded, cutOff, distrusted) = (true, false, false);
        (batchIndex, signerKey, attestedAt) = (ref.batchIndex, _signerKey, _now);
    }

    /// @notice Whether the contract's view agrees with the model.
    function agrees() external view returns (bool) {
        (Attestation memory record, bool standing) = VERIFIER.attestation(STREAM, AGENT, 1);
        return standing == (recorded && !cutOff && !distrusted) && record.batchIndex == batchIndex;
    }

    function _tryAttest(BatchRef memory ref) private returns (bool) {
        Proof memory proof;
        Submission memory submission;
        submission.policyId = 1;
        submission.streamId = STREAM;
        submission.agentId = AGENT;
        (submission.batchIndex, submission.end, submission.matureAt, submission.factsRoot) =
            (ref.batchIndex, ref.end, ref.matureAt, ref.factsRoot);
        submission.circuitVersion = 1;
        submission.proofHash = keccak256(abi.encode(proof));
        submission.submitter = address(this);
        submission.nonce = uint256(_nonceKey++) << 64;
        submission.deadline = type(uint64).max;
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(_signerKey, VERIFIER.submissionDigest(submission));
        try VERIFIER.attest(submission, proof, abi.encodePacked(r, s, v)) returns (bool verified) {
            return verified;
        } catch {
            return false;
        }
    }
}

/// @title The forward rule against a model, whatever is anchored, cut, distrusted and attested in whatever order
contract ForwardRuleInvariants {
    AttestationDriver private _driver;

    function setUp() public {
        _driver = new AttestationDriver();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_driver);
    }

    /// @notice What stands on chain is what the model says.
    function invariant_attestationIsTheModels() public view {
        require(_driver.agrees(), "the attestation and its model differ");
    }
}
