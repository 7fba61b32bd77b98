// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {
    IAccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/IAccessControlDefaultAdminRules.sol";
import {ProofXVerifier} from "../../../contracts/compliance/ProofXVerifier.sol";
import {CircuitStatus, Policy} from "../../../contracts/interfaces/IProofXVerifier.sol";
import {JudgingVerifier__MockForAttest, World} from "./World.sol";

/// @notice Everything that keys can do to roles, the default admin, circuit versions, policies and pauses, by whoever.
contract KeysHandler is World {
    struct Pending {
        address newAdmin;
        uint256 acceptAfter;
    }

    uint256 internal constant MOST = 16;

    /// @dev The model. Who was given a right of the timelock's: at deployment, or by an operation that waited.
    mapping(address target => mapping(bytes32 role => mapping(address account => bool))) public given;
    mapping(uint32 version => bool) public letIn;
    mapping(uint32 version => CircuitStatus) public expected;
    mapping(uint32 version => bytes32) public named;
    mapping(uint256 policyId => bool) public retired;
    mapping(uint256 policyId => bytes32) public registered;
    mapping(address target => address) public admin;
    mapping(address target => Pending) internal _pending;
    uint256 public lastPauseAct;
    uint256 internal _versions = 1;
    uint256 internal _policies;

    constructor() {
        admin[address(VERIFIER)] = admin[address(REGISTRY)] = people[ADMIN];
        for (uint256 i = 0; i < guardedCount(); ++i) {
            (address target, bytes32 id) = guarded(i);
            bool ofAdmin = target == address(TIMELOCK) && id != bytes32(0);
            given[target][id][ofAdmin ? people[ADMIN] : address(TIMELOCK)] = true;
        }
        _mustHold(14, VERIFIER.defaultAdminDelay() == ADMIN_DELAY, "the verifier's admin has another delay");
        _mustHold(14, REGISTRY.defaultAdminDelay() == ADMIN_DELAY, "the registry's admin has another delay");
        letIn[1] = true;
        expected[1] = CircuitStatus.Active;
        _rememberVersion(1);
    }

    /// @inheritdoc World
    function actions() public pure virtual override returns (string[] memory all) {
        all = new string[](15);
        (all[0], all[1], all[2], all[3]) = ("admin pause", "guardian pause", "unpause", "re-arm");
        (all[4], all[5], all[6], all[7]) = ("add version", "retire version", "distrust version", "grant");
        (all[8], all[9], all[10], all[11]) = ("revoke", "begin transfer", "accept transfer", "cancel transfer");
        (all[12], all[13], all[14]) = ("register policy", "retire policy", "change admin delay");
    }

    /// @notice Up to two days go by.
    function wait(uint256 seed) external {
        time += _spread(seed) % 2 days;
    }

    /// @notice Somebody pauses.
    function pause(uint256 seed) external {
        uint256 who = _pick(seed, [_adminOf(address(VERIFIER)), GUARDIAN, OTHER_GUARDIAN][(seed / 2) % 3]);
        bool isAdmin = VERIFIER.defaultAdmin() == people[who];
        bool mayPause = VERIFIER.hasRole(VERIFIER.PAUSER_ROLE(), people[who]) && !VERIFIER.guardianSpent(people[who]);
        bool ok = _send(who, address(VERIFIER), abi.encodeCall(VERIFIER.pause, ()));
        _note(isAdmin ? "admin pause" : "guardian pause", ok);
        if (!ok) return;
        lastPauseAct = time;
        _mustHold(7, isAdmin || mayPause, "somebody paused who is neither admin nor an armed guardian");
        uint256 most = isAdmin ? 30 days : 7 days;
        _mustHold(7, VERIFIER.pausedUntil() <= time + most, "a pause is longer than its maker's right");
    }

    /// @notice Somebody ends the pause.
    function unpause(uint256 seed) external {
        uint256 who = _pick(seed, _adminOf(address(VERIFIER)));
        bool ok = _send(who, address(VERIFIER), abi.encodeCall(VERIFIER.unpause, ()));
        _note("unpause", ok);
        _onlyAdmin(who, ok, address(VERIFIER));
    }

    /// @notice Somebody re-arms a guardian.
    function rearm(uint256 seed, bool other) external {
        uint256 who = _pick(seed, _adminOf(address(VERIFIER)));
        address guardian = people[other ? OTHER_GUARDIAN : GUARDIAN];
        bool ok = _send(who, address(VERIFIER), abi.encodeCall(VERIFIER.rearmGuardian, (guardian)));
        _note("re-arm", ok);
        _onlyAdmin(who, ok, address(VERIFIER));
    }

    /// @notice Somebody names a circuit verifier.
    function addVersion(uint256 seed) external {
        if (_versions == MOST || _spread(seed) % 2 == 0) return;
        address circuitVerifier = address(new JudgingVerifier__MockForAttest());
        uint256 who = _pick(seed, _adminOf(address(VERIFIER)));
        bool ok = _send(who, address(VERIFIER), abi.encodeCall(VERIFIER.addCircuitVersion, (circuitVerifier)));
        _note("add version", ok);
        _onlyAdmin(who, ok, address(VERIFIER));
        if (!ok) return;
        _rememberVersion(uint32(++_versions));
        expected[uint32(_versions)] = CircuitStatus.Added;
    }

    /// @notice Somebody retires a version.
    function retireVersion(uint256 seed, uint32 version, bool broken) external {
        if (_spread(seed) % 2 == 0) return;
        version = uint32(version % (_versions + 1));
        uint256 who = _pick(seed, _adminOf(address(VERIFIER)));
        bytes memory data = abi.encodeCall(VERIFIER.retireCircuitVersion, (version, broken));
        bool ok = _send(who, address(VERIFIER), data);
        _note("retire version", ok);
        _onlyAdmin(who, ok, address(VERIFIER));
        if (ok) _moveOn(version, broken ? CircuitStatus.Broken : CircuitStatus.Superseded);
    }

    /// @notice Somebody distrusts a version.
    function distrustVersion(uint256 seed, uint32 version, uint64 since) external {
        if (_spread(seed) % 4 != 0) return;
        version = uint32(version % (_versions + 1));
        uint256 who = _pick(seed, _adminOf(address(VERIFIER)));
        bytes memory data = abi.encodeCall(VERIFIER.distrustCircuitVersion, (version, uint64(since % (time + 2))));
        bool ok = _send(who, address(VERIFIER), data);
        _note("distrust version", ok);
        _onlyAdmin(who, ok, address(VERIFIER));
    }

    /// @notice Somebody registers a policy.
    function registerPolicy(uint256 seed, int32 weight, uint64 mask) external {
        if (_policies == MOST || _spread(seed) % 2 == 0) return;
        int32[4] memory weights = [weight, int32(1), int32(0), int32(-1)];
        uint256 who = _pick(seed, POLICY_ADMIN);
        Policy memory parameters = Policy(weights, -1, 1, mask);
        bool entitled = VERIFIER.hasRole(VERIFIER.POLICY_ROLE(), people[who]);
        bool ok = _send(who, address(VERIFIER), abi.encodeCall(VERIFIER.registerPolicy, (parameters)));
        _note("register policy", ok);
        _mustHold(13, !ok || entitled, "somebody without the role registered a policy");
        if (!ok) return;
        registered[++_policies] = keccak256(abi.encode(parameters, VERIFIER.hashPolicy(parameters)));
    }

    /// @notice Somebody retires a policy.
    function retirePolicy(uint256 seed, uint256 policyId) external {
        policyId = policyId % (_policies + 2);
        uint256 who = _pick(seed, POLICY_ADMIN);
        bool entitled =
            VERIFIER.hasRole(VERIFIER.POLICY_ROLE(), people[who]) || people[who] == admin[address(VERIFIER)];
        bool ok = _send(who, address(VERIFIER), abi.encodeCall(VERIFIER.retirePolicy, (policyId)));
        _note("retire policy", ok);
        _mustHold(13, !ok || entitled, "somebody without the role retired a policy");
        _mustHold(6, !ok || !retired[policyId], "a policy was retired twice");
        if (ok) retired[policyId] = true;
    }

    /// @notice Somebody grants or revokes a role of one of the contracts.
    function setRole(uint256 seed, uint256 roleSeed, uint256 whom, bool grant) external {
        (address target, bytes32 id) = role(roleSeed % roleCount());
        uint256 who = _pick(seed, _adminOf(target));
        address account = people[whom % DEPLOYER];
        bytes32 roleAdmin = IAccessControl(target).getRoleAdmin(id);
        bool entitled = IAccessControl(target).hasRole(roleAdmin, people[who]);
        bool ok = _send(
            who,
            target,
            grant
                ? abi.encodeCall(IAccessControl.grantRole, (id, account))
                : abi.encodeCall(IAccessControl.revokeRole, (id, account))
        );
        _note(grant ? "grant" : "revoke", ok);
        _mustHold(3, !ok || entitled, "a role was changed by somebody who does not administer it");
        if (ok && grant && given[target][roleAdmin][people[who]]) given[target][id][account] = true;
    }

    /// @notice Somebody gives a role up.
    function renounce(uint256 seed, uint256 roleSeed) external {
        (address target, bytes32 id) = role(roleSeed % roleCount());
        uint256 who = STRANGER - seed % 3;
        _send(who, target, abi.encodeCall(IAccessControl.renounceRole, (id, people[who])));
    }

    /// @notice Somebody begins to hand the default admin on, between the admin and its heir.
    function beginTransfer(uint256 seed, bool back, bool ofRegistry) external {
        address target = _contract(ofRegistry);
        if (_pending[target].newAdmin != address(0) && seed % 8 != 0) return;
        uint256 who = _pick(seed, _adminOf(target));
        address newAdmin = people[back ? ADMIN : HEIR];
        uint256 delay = IAccessControlDefaultAdminRules(target).defaultAdminDelay();
        bytes memory data = abi.encodeCall(IAccessControlDefaultAdminRules.beginDefaultAdminTransfer, (newAdmin));
        bool ok = _send(who, target, data);
        _note("begin transfer", ok);
        _mustHold(14, !ok || people[who] == admin[target], "somebody else began to hand the admin's role on");
        if (ok) _pending[target] = Pending(newAdmin, time + delay);
    }

    /// @notice Somebody accepts the default admin's role.
    function acceptTransfer(uint256 seed, bool ofRegistry) external {
        address target = _contract(ofRegistry);
        Pending memory pending = _pending[target];
        uint256 who = _pick(seed, pending.newAdmin == people[HEIR] ? HEIR : ADMIN);
        bytes memory data = abi.encodeCall(IAccessControlDefaultAdminRules.acceptDefaultAdminTransfer, ());
        bool ok = _send(who, target, data);
        _note("accept transfer", ok);
        if (!ok) return;
        _mustHold(14, people[who] == pending.newAdmin, "somebody who was not named accepted");
        _mustHold(14, time > pending.acceptAfter, "the admin's role was accepted early");
        admin[target] = people[who];
        delete _pending[target];
    }

    /// @notice Somebody calls the hand-over off.
    function cancelTransfer(uint256 seed, bool ofRegistry) external {
        address target = _contract(ofRegistry);
        if (seed % 4 > 1) return;
        uint256 who = _pick(seed, _adminOf(target));
        bool pending = _pending[target].newAdmin != address(0);
        bytes memory data = abi.encodeCall(IAccessControlDefaultAdminRules.cancelDefaultAdminTransfer, ());
        bool ok = _send(who, target, data);
        _note("cancel transfer", ok && pending);
        _mustHold(14, !ok || people[who] == admin[target], "somebody else called the hand-over off");
        if (ok) delete _pending[target];
    }

    /// @notice Somebody shortens or lengthens the delay of the hand-over; that waits, too.
    function changeAdminDelay(uint256 seed, uint48 delay, bool ofRegistry) external {
        address target = _contract(ofRegistry);
        uint256 who = _pick(seed, _adminOf(target));
        uint48 wanted = uint48(1 days + delay % 2 days);
        bytes memory data = abi.encodeCall(IAccessControlDefaultAdminRules.changeDefaultAdminDelay, (wanted));
        uint48 before = IAccessControlDefaultAdminRules(target).defaultAdminDelay();
        bool ok = _send(who, target, data);
        _note("change admin delay", ok);
        _mustHold(14, !ok || people[who] == admin[target], "somebody else changed the hand-over's delay");
        uint48 then = IAccessControlDefaultAdminRules(target).defaultAdminDelay();
        _mustHold(14, !ok || then == before, "the hand-over's delay changed at once");
    }

    /// @notice The rights that only the timelock may hand on, and those that lead to it.
    function guarded(uint256 i) public view returns (address target, bytes32 id) {
        if (i == 0) return (address(VERIFIER), VERIFIER.UPGRADER_ROLE());
        if (i == 1) return (address(VERIFIER), VERIFIER.CIRCUIT_ROLE());
        if (i == 2) return (address(REGISTRY), REGISTRY.REOPENER_ROLE());
        if (i == 3) return (address(TIMELOCK), TIMELOCK.DEFAULT_ADMIN_ROLE());
        if (i == 4) return (address(TIMELOCK), TIMELOCK.PROPOSER_ROLE());
        if (i == 5) return (address(TIMELOCK), TIMELOCK.EXECUTOR_ROLE());
        return (address(TIMELOCK), TIMELOCK.CANCELLER_ROLE());
    }

    function guardedCount() public pure returns (uint256) {
        return 7;
    }

    /// @notice Every role of every contract.
    function role(uint256 i) public view returns (address target, bytes32 id) {
        if (i < guardedCount()) return guarded(i);
        if (i == guardedCount()) return (address(VERIFIER), VERIFIER.SIGNER_ROLE());
        if (i == guardedCount() + 1) return (address(VERIFIER), VERIFIER.PAUSER_ROLE());
        if (i == guardedCount() + 2) return (address(VERIFIER), VERIFIER.POLICY_ROLE());
        if (i == guardedCount() + 3) return (address(REGISTRY), REGISTRY.GUARDIAN_ROLE());
        return (_contract(i % 2 == 0), bytes32(0));
    }

    function roleCount() public pure returns (uint256) {
        return guardedCount() + 6;
    }

    /// @dev The status that a call gave a version must be a later one in its life.
    function _moveOn(uint32 version, CircuitStatus to) internal {
        _mustHold(6, to > expected[version], "a version moved back, or was retired twice");
        expected[version] = to;
    }

    function _rememberVersion(uint32 version) private {
        (address circuitVerifier,,) = VERIFIER.circuitVersion(version);
        named[version] = keccak256(abi.encode(circuitVerifier, circuitVerifier.codehash));
    }

    function _contract(bool ofRegistry) internal view returns (address) {
        return ofRegistry ? address(REGISTRY) : address(VERIFIER);
    }

    /// @dev Who is default admin now; the timelock's own rights have no admin but itself.
    function _adminOf(address target) internal view returns (uint256) {
        return admin[target] == people[HEIR] ? HEIR : ADMIN;
    }

    function _onlyAdmin(uint256 who, bool ok, address target) internal {
        _mustHold(13, !ok || people[who] == admin[target], "somebody without the role did what the admin does");
    }
}
