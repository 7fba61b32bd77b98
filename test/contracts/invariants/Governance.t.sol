// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ProofXVerifier} from "../../../contracts/compliance/ProofXVerifier.sol";
import {CircuitStatus, Policy} from "../../../contracts/interfaces/IProofXVerifier.sol";
import {KeysHandler} from "./KeysHandler.sol";
import {StateChangers} from "./StateChangers.sol";
import {Campaign, World} from "./World.sol";

/// @notice What passes through the timelock, and every attempt to get past it.
contract GovernanceHandler is KeysHandler {
    enum Kind {
        Activate,
        Upgrade,
        GrantToHeir,
        Delay,
        GrantTimelockRight
    }

    /// @dev An operation as it was scheduled; `effect` is the version, the implementation, the delay or the role.
    struct Operation {
        Kind kind;
        address target;
        bytes data;
        bytes32 salt;
        uint256 effect;
        uint256 readyAt;
        bool executed;
        bool cancelled;
    }

    bytes32 private constant IMPLEMENTATION_SLOT =
        0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    /// @notice The implementation that must stand behind the proxy.
    address public implementation;
    uint256 public minDelay = DELAY;
    address[2] private _implementations;
    Operation[] private _operations;
    uint256 private _scheduled;

    constructor() {
        implementation = currentImplementation();
        _implementations = [address(new ProofXVerifier()), address(new ProofXVerifier())];
    }

    /// @inheritdoc World
    function actions() public pure override returns (string[] memory all) {
        string[] memory keys = super.actions();
        all = new string[](keys.length + 6);
        for (uint256 i = 0; i < keys.length; ++i) {
            all[i] = keys[i];
        }
        (all[keys.length], all[keys.length + 1]) = ("schedule", "cancel");
        (all[keys.length + 2], all[keys.length + 3]) = ("execute activation", "execute upgrade");
        (all[keys.length + 4], all[keys.length + 5]) = ("execute grant", "execute delay");
    }

    /// @notice Somebody schedules an operation, with the least delay, less or more.
    function schedule(uint256 seed, uint256 arg, uint256 delay) external {
        uint256 who = _pick(seed, ADMIN);
        Operation memory operation = _make(_nextKind(), arg);
        operation.salt = bytes32(_scheduled);
        delay = _spread(delay) % 4 != 0 ? minDelay : delay % (minDelay * 2);
        bool entitled = TIMELOCK.hasRole(TIMELOCK.PROPOSER_ROLE(), people[who]);
        bool ok = _send(
            who,
            address(TIMELOCK),
            abi.encodeCall(TIMELOCK.schedule, (operation.target, 0, operation.data, 0, operation.salt, delay))
        );
        _note("schedule", ok);
        _mustHold(13, !ok || entitled, "somebody without the role scheduled");
        _mustHold(3, !ok || delay >= minDelay, "an operation was scheduled for less than the delay");
        if (!ok) return;
        operation.readyAt = time + delay;
        _operations.push(operation);
        ++_scheduled;
    }

    /// @notice Somebody executes an operation: the oldest that is ready, or any.
    function execute(uint256 seed, uint256 which) external {
        if (_operations.length == 0) return;
        uint256 who = _pick(seed, ADMIN);
        Operation storage operation = _operations[which % 4 == 0 ? which % _operations.length : _oldestReady()];
        bool entitled = TIMELOCK.hasRole(TIMELOCK.EXECUTOR_ROLE(), people[who]);
        bool ok = _send(
            who,
            address(TIMELOCK),
            abi.encodeCall(TIMELOCK.execute, (operation.target, 0, operation.data, 0, operation.salt))
        );
        _note(_executionOf(operation.kind), ok);
        if (!ok) return;
        _mustHold(13, entitled, "somebody without the role executed");
        _mustHold(3, time >= operation.readyAt, "an operation was executed before its delay was over");
        _mustHold(3, !operation.executed, "an operation was executed twice");
        _mustHold(3, !operation.cancelled, "a cancelled operation was executed");
        operation.executed = true;
        _takeEffect(operation);
    }

    /// @notice Somebody cancels an operation, now and then.
    function cancel(uint256 seed, uint256 which) external {
        if (_operations.length == 0 || _spread(seed) % 4 != 0) return;
        uint256 who = _pick(seed, ADMIN);
        // The newest, which waits most likely, or any.
        uint256 chosen = _spread(which) % 2 == 0 ? _operations.length - 1 : which % _operations.length;
        Operation storage operation = _operations[chosen];
        bytes32 id = TIMELOCK.hashOperation(operation.target, 0, operation.data, 0, operation.salt);
        bool entitled = TIMELOCK.hasRole(TIMELOCK.CANCELLER_ROLE(), people[who]);
        bool ok = _send(who, address(TIMELOCK), abi.encodeCall(TIMELOCK.cancel, (id)));
        _note("cancel", ok);
        _mustHold(13, !ok || entitled, "somebody without the role cancelled");
        if (ok) operation.cancelled = true;
    }

    /// @notice Somebody activates a version without the timelock.
    function activateNow(uint256 seed, uint32 version) external {
        uint256 who = seed % people.length;
        version = uint32(version % (_versions + 2));
        bool ok = _send(who, address(VERIFIER), _activation(version));
        bool entitled = given[address(VERIFIER)][VERIFIER.CIRCUIT_ROLE()][people[who]];
        _mustHold(1, !ok || entitled, "a version was activated past the timelock");
        if (ok && entitled) _letIn(version);
    }

    /// @notice Somebody replaces the implementation without the timelock.
    function upgradeNow(uint256 seed, bool which) external {
        uint256 who = seed % people.length;
        address next = _implementations[which ? 1 : 0];
        bool ok = _send(who, address(VERIFIER), abi.encodeCall(VERIFIER.upgradeToAndCall, (next, "")));
        bool entitled = given[address(VERIFIER)][VERIFIER.UPGRADER_ROLE()][people[who]];
        _mustHold(2, !ok || entitled, "the implementation was replaced past the timelock");
        if (ok && entitled) implementation = next;
    }

    /// @notice Who has none of the admin's rights calls whatever there is, with whatever words.
    function callAnything(uint256 seed, uint8 whichContract, uint256 which, uint256[8] calldata words) external {
        uint256 who = GUARDIAN + seed % (DEPLOYER - GUARDIAN + 1);
        bytes4[] memory selectors = StateChangers.ofVerifier();
        address target = address(VERIFIER);
        if (whichContract % 3 == 1) (selectors, target) = (StateChangers.ofRegistry(), address(REGISTRY));
        if (whichContract % 3 == 2) (selectors, target) = (StateChangers.ofTimelock(), address(TIMELOCK));
        bytes4 selector = selectors[which % selectors.length];
        if (_hasActionOfItsOwn(selector)) return;
        bytes memory data = abi.encodePacked(selector);
        for (uint256 i = 0; i < words.length; ++i) {
            data = abi.encodePacked(data, _meaningful(words[i]));
        }
        bool ok = _send(who, target, data);
        // Granting is what some guarded right may have been handed on for; `setRole` keeps those books.
        _mustHold(13, !ok, "somebody without a right changed something");
    }

    /// @notice What the proxy's slot of ERC-1967 holds.
    function currentImplementation() public view returns (address) {
        return address(uint160(uint256(VM.load(address(VERIFIER), IMPLEMENTATION_SLOT))));
    }

    /// @dev Every kind in turn; activations more often, because many find nothing to activate.
    function _nextKind() private view returns (Kind) {
        uint256 turn = _scheduled % 8;
        return turn % 2 == 0 ? Kind.Activate : Kind(turn / 2 + 1);
    }

    function _make(Kind kind, uint256 arg) private view returns (Operation memory operation) {
        operation.kind = kind;
        operation.target = address(VERIFIER);
        if (kind == Kind.Activate) {
            operation.effect = _versionToActivate(arg);
            operation.data = _activation(uint32(operation.effect));
        } else if (kind == Kind.Upgrade) {
            address next = _implementations[arg % 2];
            operation.effect = uint160(next);
            operation.data = abi.encodeCall(VERIFIER.upgradeToAndCall, (next, ""));
        } else if (kind == Kind.GrantToHeir) {
            bytes32 role = arg % 2 == 0 ? VERIFIER.CIRCUIT_ROLE() : VERIFIER.UPGRADER_ROLE();
            operation.effect = uint256(role);
            operation.data = abi.encodeCall(IAccessControl.grantRole, (role, people[HEIR]));
        } else if (kind == Kind.Delay) {
            operation.target = address(TIMELOCK);
            operation.effect = 1 days + arg % 2 days;
            operation.data = abi.encodeCall(TIMELOCK.updateDelay, (operation.effect));
        } else {
            (operation.target, operation.effect) = (address(TIMELOCK), uint256(_timelockRight(arg)));
            operation.data =
                abi.encodeCall(IAccessControl.grantRole, (bytes32(operation.effect), people[HEIR]));
        }
    }

    function _takeEffect(Operation storage operation) private {
        if (operation.kind == Kind.Activate) _letIn(uint32(operation.effect));
        else if (operation.kind == Kind.Upgrade) implementation = address(uint160(operation.effect));
        else if (operation.kind == Kind.Delay) minDelay = operation.effect;
        else given[operation.target][bytes32(operation.effect)][people[HEIR]] = true;
    }

    function _letIn(uint32 version) private {
        letIn[version] = true;
        _moveOn(version, CircuitStatus.Active);
    }

    function _executionOf(Kind kind) private pure returns (string memory) {
        if (kind == Kind.Activate) return "execute activation";
        if (kind == Kind.Upgrade) return "execute upgrade";
        return kind == Kind.Delay ? "execute delay" : "execute grant";
    }

    function _oldestReady() private view returns (uint256) {
        for (uint256 i = 0; i < _operations.length; ++i) {
            Operation storage operation = _operations[i];
            if (!operation.executed && !operation.cancelled && operation.readyAt <= time) {
                if (operation.kind != Kind.Activate || _isAdded(uint32(operation.effect))) return i;
            }
        }
        return _operations.length - 1;
    }

    /// @dev One that waits to be activated, if there is any.
    function _versionToActivate(uint256 arg) private view returns (uint256) {
        for (uint32 version = 1; version <= _versions; ++version) {
            if (_isAdded(version) && arg % 4 != 0) return version;
        }
        return arg % (_versions + 1);
    }

    function _isAdded(uint32 version) private view returns (bool) {
        (, CircuitStatus status, uint64 distrustedSince) = VERIFIER.circuitVersion(version);
        return status == CircuitStatus.Added && distrustedSince == type(uint64).max;
    }

    function _activation(uint32 version) private view returns (bytes memory) {
        (address circuitVerifier,,) = VERIFIER.circuitVersion(version);
        return abi.encodeCall(
            VERIFIER.activateCircuitVersion, (version, circuitVerifier, circuitVerifier.codehash)
        );
    }

    function _timelockRight(uint256 arg) private view returns (bytes32) {
        if (arg % 3 == 0) return TIMELOCK.PROPOSER_ROLE();
        return arg % 3 == 1 ? TIMELOCK.EXECUTOR_ROLE() : TIMELOCK.CANCELLER_ROLE();
    }

    function _hasActionOfItsOwn(bytes4 selector) private view returns (bool) {
        return selector == VERIFIER.pause.selector || selector == VERIFIER.registerPolicy.selector
            || selector == VERIFIER.retirePolicy.selector || selector == IAccessControl.renounceRole.selector
            || selector == IAccessControl.grantRole.selector || selector == IAccessControl.revokeRole.selector;
    }

    /// @dev A word that an argument could be: somebody, a role, a small number, or what the runner gave.
    function _meaningful(uint256 word) private view returns (bytes32) {
        if (word % 4 == 0) return bytes32(uint256(uint160(people[(word / 4) % people.length])));
        if (word % 4 == 1) return bytes32((word / 4) % (_versions + 2));
        if (word % 4 == 2) return VERIFIER.CIRCUIT_ROLE();
        return bytes32(word);
    }
}

/// @title What keys can and cannot do, whoever holds them and whatever they try in whatever order
/// @dev Numbers are those of docs/invariants.md.
contract GovernanceInvariants is Campaign {
    GovernanceHandler private _handler;

    function setUp() public {
        _handler = new GovernanceHandler();
        _world = _handler;
    }

    /// @notice A version that is active was let in, and the implementation was put in, by the timelock after its delay.
    function invariant_INV1_INV2_codeSwitchesOnlyAfterTheDelay() public view {
        _requireNoBreach(1);
        _requireNoBreach(2);
        for (uint32 version = 1; version <= _handler.VERIFIER().circuitVersionCount(); ++version) {
            (, CircuitStatus status,) = _handler.VERIFIER().circuitVersion(version);
            require(status != CircuitStatus.Active || _handler.letIn(version), "a version is active past the timelock");
        }
        require(_handler.currentImplementation() == _handler.implementation(), "another implementation stands there");
    }

    /// @notice Nobody holds a right of the timelock's that the timelock did not hand on after its delay.
    function invariant_INV3_theTimelocksRightsMoveOnlyAfterTheDelay() public view {
        _requireNoBreach(3);
        require(_handler.TIMELOCK().getMinDelay() == _handler.minDelay(), "the delay changed past the timelock");
        for (uint256 i = 0; i < _handler.guardedCount(); ++i) {
            (address target, bytes32 role) = _handler.guarded(i);
            for (uint256 j = 0; j < _handler.peopleCount(); ++j) {
                address account = _handler.people(j);
                bool holds = IAccessControl(target).hasRole(role, account);
                require(!holds || _handler.given(target, role, account), "a guarded right moved past the timelock");
            }
        }
    }

    /// @notice Versions only move on, keep their code, and policies stay what they were registered as.
    function invariant_INV6_whatIsRetiredStaysRetired() public view {
        _requireNoBreach(6);
        for (uint32 version = 1; version <= _handler.VERIFIER().circuitVersionCount(); ++version) {
            (address circuitVerifier, CircuitStatus status,) = _handler.VERIFIER().circuitVersion(version);
            require(status == _handler.expected(version), "a version came back, or moved by itself");
            bytes32 named = keccak256(abi.encode(circuitVerifier, circuitVerifier.codehash));
            require(named == _handler.named(version), "a version's circuit verifier changed");
        }
        for (uint256 id = 1; id <= _handler.VERIFIER().policyCount(); ++id) {
            (Policy memory parameters, uint256 policyHash, bool active) = _handler.VERIFIER().policy(id);
            require(active != _handler.retired(id), "a policy came back, or went by itself");
            require(keccak256(abi.encode(parameters, policyHash)) == _handler.registered(id), "a policy changed");
        }
    }

    /// @notice A pause ends within 30 days of the last act of pausing.
    function invariant_INV7_everyPauseEnds() public view {
        _requireNoBreach(7);
        uint256 until = _handler.VERIFIER().pausedUntil();
        require(until <= _handler.lastPauseAct() + 30 days, "a pause goes on although nobody acted");
    }

    /// @notice The deployer holds no role anywhere, and nobody does what its roles do not say; the default admin of each
    /// contract is who was named, and accepted after the delay.
    function invariant_INV13_INV14_theDeployerHoldsNothingAndTheAdminIsHandedOnSlowly() public view {
        _requireNoBreach(13);
        _requireNoBreach(14);
        address deployer = _handler.people(_handler.peopleCount() - 1);
        for (uint256 i = 0; i < _handler.roleCount(); ++i) {
            (address target, bytes32 role) = _handler.role(i);
            require(!IAccessControl(target).hasRole(role, deployer), "the deployer holds a role");
        }
        address verifier = address(_handler.VERIFIER());
        address registry = address(_handler.REGISTRY());
        require(_handler.VERIFIER().defaultAdmin() == _handler.admin(verifier), "the verifier has another admin");
        require(_handler.REGISTRY().defaultAdmin() == _handler.admin(registry), "the registry has another admin");
    }
}
