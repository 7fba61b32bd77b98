// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {AnchorRegistry} from "../../../contracts/compliance/AnchorRegistry.sol";
import {ProofXVerifier} from "../../../contracts/compliance/ProofXVerifier.sol";
import {Proof} from "../../../contracts/interfaces/IGroth16Verifier.sol";
import {InitParams} from "../../../contracts/interfaces/IProofXVerifier.sol";

/// @dev The runner's cheat codes that are used here.
interface Vm {
    function warp(uint256 timestamp) external;
    function prank(address sender) external;
    function addr(uint256 privateKey) external returns (address);
    function sign(uint256 privateKey, bytes32 digest) external returns (uint8 v, bytes32 r, bytes32 s);
    function load(address target, bytes32 slot) external view returns (bytes32);
    function store(address target, bytes32 slot, bytes32 value) external;
}

/// @notice A circuit verifier that accepts a proof unless its first coordinate is `FALSE_PROOF`: only the rules round a
/// proof are tried by chance here, and false proofs among them.
contract JudgingVerifier__MockForAttest {
    uint256 private constant FALSE_PROOF = 0xBAD;

    function verify(Proof calldata proof, uint256[4] calldata) external pure returns (bool) {
        return proof.a[0] != FALSE_PROOF;
    }

    function verifyBatch(Proof[] calldata proofs, uint256[4][] calldata, bytes32) external pure returns (bool) {
        for (uint256 i = 0; i < proofs.length; ++i) {
            if (proofs[i].a[0] == FALSE_PROOF) return false;
        }
        return true;
    }
}

/// @notice A whole deployment with a real timelock, and everybody who holds a key. Handlers let them act by chance.
/// @dev Handlers never revert: an action that the contracts refuse is noted as refused. What must never be is noted as a
/// breach under its invariant's number (docs/invariants.md) at the moment it happens, and the invariants read the notes.
abstract contract World {
    Vm internal constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 internal constant DELAY = 2 days;
    uint48 internal constant ADMIN_DELAY = 2 days;

    /// @dev Positions in `people`. `HEIR` is who the admin's role may go to; `DEPLOYER` is this contract.
    uint256 internal constant ADMIN = 0;
    uint256 internal constant HEIR = 1;
    uint256 internal constant GUARDIAN = 2;
    uint256 internal constant OTHER_GUARDIAN = 3;
    uint256 internal constant POLICY_ADMIN = 4;
    uint256 internal constant ANCHORER = 5;
    uint256 internal constant SIGNER = 6;
    uint256 internal constant SUBMITTER = 7;
    uint256 internal constant STRANGER = 8;
    uint256 internal constant DEPLOYER = 9;

    TimelockController public immutable TIMELOCK;
    AnchorRegistry public immutable REGISTRY;
    ProofXVerifier public immutable VERIFIER;

    address[] public people;
    /// @notice Unix time (s). The runner's own clock starts anew with every call.
    uint256 public time = 1_000_000_000;
    /// @notice What broke an invariant, by its number; empty while it holds.
    mapping(uint256 invariantNumber => string) public breach;
    /// @notice How often an action had its effect, and how often it was refused.
    mapping(string action => uint256) public succeeded;
    mapping(string action => uint256) public refused;
    uint256 private _spreads;

    constructor() {
        VM.warp(time);
        for (uint256 i = 0; i < DEPLOYER; ++i) {
            people.push(VM.addr(0x100 + i));
        }
        people.push(address(this));
        address[] memory admins = _listOf(people[ADMIN]);
        address[] memory guardians = new address[](2);
        (guardians[0], guardians[1]) = (people[GUARDIAN], people[OTHER_GUARDIAN]);

        TIMELOCK = new TimelockController(DELAY, admins, admins, address(0));
        REGISTRY = new AnchorRegistry(people[ADMIN], ADMIN_DELAY, guardians, address(TIMELOCK));
        InitParams memory params = InitParams({
            admin: people[ADMIN],
            adminDelay: ADMIN_DELAY,
            timelock: address(TIMELOCK),
            registry: address(REGISTRY),
            circuitVerifier: address(new JudgingVerifier__MockForAttest()),
            guardians: guardians,
            signers: _listOf(people[SIGNER]),
            policyAdmins: _listOf(people[POLICY_ADMIN])
        });
        bytes memory data = abi.encodeCall(ProofXVerifier.initialize, (params));
        VERIFIER = ProofXVerifier(address(new ERC1967Proxy(address(new ProofXVerifier()), data)));
    }

    /// @notice The actions that every run must have seen succeed, or its silence says nothing.
    function actions() public pure virtual returns (string[] memory);

    /// @notice An action that did not succeed once; empty when each did.
    function missing() external view returns (string memory) {
        string[] memory all = actions();
        for (uint256 i = 0; i < all.length; ++i) {
            if (succeeded[all[i]] == 0) return all[i];
        }
        return "";
    }

    /// @notice Number of people, for loops over `people`.
    function peopleCount() external view returns (uint256) {
        return people.length;
    }

    /// @dev Sends `data` as somebody, now.
    function _send(uint256 who, address target, bytes memory data) internal returns (bool ok) {
        VM.warp(time);
        VM.prank(people[who]);
        (ok,) = target.call(data);
    }

    /// @dev The runner likes small and extreme numbers; this makes any number of them, another one each time.
    function _spread(uint256 seed) internal returns (uint256) {
        return uint256(keccak256(abi.encode(seed, ++_spreads)));
    }

    /// @dev Half of the time the one who may, else anybody.
    function _pick(uint256 seed, uint256 rightful) internal returns (uint256) {
        VM.warp(time);
        return seed % 2 == 0 ? rightful : (seed / 2) % people.length;
    }

    function _note(string memory action, bool ok) internal {
        if (ok) ++succeeded[action];
        else ++refused[action];
    }

    function _mustHold(uint256 invariantNumber, bool holds, string memory what) internal {
        if (!holds) breach[invariantNumber] = what;
    }

    function _listOf(address account) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }
}

/// @notice What every file of invariants does: one handler is driven, and at the end of a run each action was met.
abstract contract Campaign {
    Vm internal constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    World internal _world;

    /// @notice Only the handler's own actions are called.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_world);
    }

    /// @notice After each run: fuzzing that never got anywhere is a failure.
    function afterInvariant() public view {
        string memory action = _world.missing();
        require(bytes(action).length == 0, string.concat("no call succeeded in a whole run: ", action));
    }

    function _requireNoBreach(uint256 invariantNumber) internal view {
        string memory what = _world.breach(invariantNumber);
        require(bytes(what).length == 0, what);
    }
}
