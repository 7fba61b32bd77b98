// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {ProofXVerifier} from "../../../contracts/compliance/ProofXVerifier.sol";
import {Batch, Head} from "../../../contracts/interfaces/IAnchorRegistry.sol";
import {CircuitStatus, Policy} from "../../../contracts/interfaces/IProofXVerifier.sol";
import {StateChangers} from "./StateChangers.sol";
import {JudgingVerifier__MockForAttest, World} from "./World.sol";

/// @notice A deployment of which exactly one key was stolen. Nobody else does anything.
/// @dev The admin's thief has less than the timelock's delay; every other thief has all the time there is.
contract Theft is World {
    bytes32 public constant STREAM = keccak256("stream");
    bytes32 private constant IMPLEMENTATION_SLOT =
        0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    uint256 public immutable THIEF;
    address public immutable IMPLEMENTATION;
    uint256 private immutable BEGAN;
    uint256 public firstPause;
    mapping(uint32 version => CircuitStatus) private _furthest;
    bytes[] private _scheduled;
    uint256 private _policies;

    constructor(uint256 thief) {
        THIEF = thief;
        IMPLEMENTATION = implementation();
        VM.prank(people[ADMIN]);
        REGISTRY.openStream(STREAM, people[ANCHORER], 1 hours);
        for (uint64 i = 1; i <= 3; ++i) {
            bytes32 previous = REGISTRY.head(STREAM).stateRoot;
            VM.prank(people[ANCHORER]);
            REGISTRY.anchor(STREAM, _batch(i, i), previous);
        }
        BEGAN = time;
    }

    /// @inheritdoc World
    function actions() public pure override returns (string[] memory) {
        return new string[](0);
    }

    /// @notice Time goes by; for the admin's thief never as long as the delay.
    function wait(uint256 seed) external {
        uint256 next = time + _spread(seed) % (THIEF == ADMIN ? 1 hours : 5 days);
        if (THIEF != ADMIN || next < BEGAN + DELAY) time = next;
    }

    /// @notice What a thief with a plan would do.
    function plan(uint256 step, uint256 seed) external returns (bool) {
        step = step % 12;
        if (step == 0) return _add();
        if (step == 1) return _schedule(address(VERIFIER), _activation(), DELAY);
        if (step == 2) return _schedule(address(VERIFIER), _upgrade(), DELAY);
        if (step == 3) return _schedule(address(TIMELOCK), abi.encodeCall(TIMELOCK.updateDelay, (0)), DELAY);
        if (step == 4) return _schedule(address(VERIFIER), _upgrade(), seed % DELAY);
        if (step == 5) return _executeAll();
        if (step == 6) return _verifier(_activation()) || _verifier(_upgrade());
        if (step == 7) return _pause();
        if (step == 8) return _verifier(abi.encodeCall(VERIFIER.retireCircuitVersion, (1, seed % 2 == 0)));
        if (step == 9) return _anchor(seed);
        if (step == 10) return _verifier(abi.encodeCall(VERIFIER.beginDefaultAdminTransfer, (people[STRANGER])));
        return _policy();
    }

    /// @notice Any function that can change something, with any words.
    function anything(uint256 which, uint256[8] calldata words) external returns (bool) {
        bytes4[] memory selectors = StateChangers.ofVerifier();
        address target = address(VERIFIER);
        if (which % 3 == 1) (selectors, target) = (StateChangers.ofRegistry(), address(REGISTRY));
        if (which % 3 == 2) (selectors, target) = (StateChangers.ofTimelock(), address(TIMELOCK));
        bytes4 selector = selectors[(which / 3) % selectors.length];
        if (selector == VERIFIER.pause.selector) return _pause();
        bytes memory data = abi.encodePacked(selector);
        for (uint256 i = 0; i < 8; ++i) {
            uint256 word = words[i];
            if (word % 4 == 0) word = uint160(people[(word / 4) % people.length]);
            else if (word % 4 == 1) word = (word / 4) % 4;
            else if (word % 4 == 2) word = uint256(STREAM);
            data = abi.encodePacked(data, word);
        }
        return _send(THIEF, target, data);
    }

    /// @notice What must hold, for the last call and all before; empty if it does.
    function fault() external returns (string memory) {
        VM.warp(time);
        if (implementation() != IMPLEMENTATION) return "INV-2: the implementation was switched";
        for (uint32 version = 1; version <= VERIFIER.circuitVersionCount(); ++version) {
            (, CircuitStatus status,) = VERIFIER.circuitVersion(version);
            if (status == CircuitStatus.Active && version != 1) return "INV-1: a circuit verifier was switched";
            if (status < _furthest[version]) return "INV-6: a version came back";
        }
        Head memory head = REGISTRY.head(STREAM);
        if (head.epoch != 0 || head.batchIndex < 3) return "INV-4: the stream was rewound";
        if (VERIFIER.defaultAdmin() != people[ADMIN]) return "INV-14: the admin was replaced";
        if (TIMELOCK.getMinDelay() != DELAY) return "INV-3: the delay was changed";
        uint256 most = THIEF == ADMIN ? time + 30 days : firstPause + 7 days;
        if (VERIFIER.pausedUntil() > most) return "INV-7: a pause goes on and on";
        return "";
    }

    /// @notice Keeps how far each version came.
    function note() external {
        for (uint32 version = 1; version <= VERIFIER.circuitVersionCount(); ++version) {
            (, _furthest[version],) = VERIFIER.circuitVersion(version);
        }
    }

    function implementation() public view returns (address) {
        return address(uint160(uint256(VM.load(address(VERIFIER), IMPLEMENTATION_SLOT))));
    }

    function _verifier(bytes memory data) private returns (bool) {
        return _send(THIEF, address(VERIFIER), data);
    }

    function _add() private returns (bool) {
        address circuitVerifier = address(new JudgingVerifier__MockForAttest());
        return _verifier(abi.encodeCall(VERIFIER.addCircuitVersion, (circuitVerifier)));
    }

    function _pause() private returns (bool ok) {
        ok = _verifier(abi.encodeCall(VERIFIER.pause, ()));
        if (ok && firstPause == 0) firstPause = time;
    }

    function _schedule(address target, bytes memory data, uint256 delay) private returns (bool ok) {
        bytes32 salt = bytes32(_scheduled.length);
        ok = _send(THIEF, address(TIMELOCK), abi.encodeCall(TIMELOCK.schedule, (target, 0, data, 0, salt, delay)));
        if (ok) _scheduled.push(abi.encodeCall(TIMELOCK.execute, (target, 0, data, 0, salt)));
    }

    function _executeAll() private returns (bool any) {
        uint256 first = _scheduled.length > 8 ? _scheduled.length - 8 : 0;
        for (uint256 i = first; i < _scheduled.length; ++i) {
            any = _send(THIEF, address(TIMELOCK), _scheduled[i]) || any;
        }
    }

    function _anchor(uint256 seed) private returns (bool) {
        Head memory head = REGISTRY.head(STREAM);
        // Half of the time over what is there already.
        uint64 start = seed % 2 == 0 ? head.end + 1 : uint64(1 + seed % head.end);
        bytes memory data = abi.encodeCall(REGISTRY.anchor, (STREAM, _batch(start, start), head.stateRoot));
        _send(THIEF, address(REGISTRY), abi.encodeCall(REGISTRY.replaceAnchorer, (STREAM, people[THIEF])));
        return _send(THIEF, address(REGISTRY), data);
    }

    function _policy() private returns (bool ok) {
        int32[4] memory weights;
        ok = _verifier(abi.encodeCall(VERIFIER.registerPolicy, (Policy(weights, 0, 0, 1))));
        if (ok) ++_policies;
        _verifier(abi.encodeCall(VERIFIER.retirePolicy, (_policies)));
    }

    function _activation() private view returns (bytes memory) {
        uint32 version = VERIFIER.circuitVersionCount();
        (address circuitVerifier,,) = VERIFIER.circuitVersion(version);
        return
            abi.encodeCall(VERIFIER.activateCircuitVersion, (version, circuitVerifier, circuitVerifier.codehash));
    }

    /// @dev To an implementation that is one: the deployment's own again would change nothing, so a fresh one.
    function _upgrade() private returns (bytes memory) {
        return abi.encodeCall(VERIFIER.upgradeToAndCall, (address(new ProofXVerifier()), ""));
    }

    function _batch(uint64 start, uint64 end) private pure returns (Batch memory) {
        bytes32 root = bytes32(uint256(1));
        return Batch(start, end, uint32(end - start + 1), root, root, root);
    }
}

/// @notice Ten thefts side by side, one of each key; each call is one thief's.
contract Thieves {
    Theft[10] private _thefts;
    string public fault;
    mapping(uint256 thief => uint256) private _successes;

    constructor() {
        for (uint256 i = 0; i < 10; ++i) {
            _thefts[i] = new Theft(i);
        }
    }

    /// @notice Time goes by for one thief.
    function wait(uint256 seed) external {
        _judge(seed % 10, false, seed % 10);
        _thefts[seed % 10].wait(seed);
    }

    /// @notice One thief follows a plan.
    function plan(uint256 thief, uint256 step, uint256 seed) external {
        thief = uint256(keccak256(abi.encode(thief, seed))) % 10;
        _judge(thief, _thefts[thief].plan(step, seed), thief);
    }

    /// @notice One thief tries anything.
    function anything(uint256 thief, uint256 which, uint256[8] calldata words) external {
        thief = uint256(keccak256(abi.encode(thief, which))) % 10;
        _judge(thief, _thefts[thief].anything(which, words), thief);
    }

    /// @notice A thief whose key can do something, and that did nothing in a whole run; empty when each did.
    function missing() external view returns (string memory) {
        string[5] memory names = ["admin", "guardian", "other guardian", "policy admin", "anchorer"];
        uint8[5] memory keys = [0, 2, 3, 4, 5];
        for (uint256 i = 0; i < keys.length; ++i) {
            if (_successes[keys[i]] == 0) return names[i];
        }
        return "";
    }

    function _judge(uint256 thief, bool ok, uint256 which) private {
        if (ok) ++_successes[thief];
        string memory what = _thefts[which].fault();
        if (bytes(what).length != 0) fault = what;
        _thefts[which].note();
    }
}

/// @title What a thief of exactly one key cannot do, whichever key it is
/// @dev Numbers are those of docs/invariants.md.
contract OneStolenKeyInvariants {
    Thieves private _thieves;

    function setUp() public {
        _thieves = new Thieves();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_thieves);
    }

    /// @notice Nothing is switched, rewound, brought back or paused without end by one key.
    function invariant_INV1_INV2_INV4_INV6_INV7_noSingleKeyDoes() public view {
        string memory what = _thieves.fault();
        require(bytes(what).length == 0, what);
    }

    /// @notice After each run: a thief that never got anything done shows nothing.
    function afterInvariant() public view {
        string memory key = _thieves.missing();
        require(bytes(key).length == 0, string.concat("no call of this key succeeded in a whole run: ", key));
    }
}
