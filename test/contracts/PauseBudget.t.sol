// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {ProofXVerifier} from "../../contracts/compliance/ProofXVerifier.sol";
import {InitParams} from "../../contracts/interfaces/IProofXVerifier.sol";

interface Vm {
    function warp(uint256 timestamp) external;
    function prank(address sender) external;
}

/// @notice Two guardians and an admin at work, by chance, with a diary of when guardians' pauses were in force.
contract PauseDriver {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    ProofXVerifier public immutable VERIFIER;
    address[2] public guardians = [address(0xA1), address(0xA2)];

    uint256[] private _starts;
    uint256[] private _ends;
    uint256 private _now = 1_000_000_000;

    constructor() {
        VM.warp(_now);
        InitParams memory params;
        params.admin = address(this);
        params.timelock = params.registry = address(1);
        params.circuitVerifier = msg.sender; // any contract: nothing is attested here
        params.guardians = new address[](2);
        (params.guardians[0], params.guardians[1]) = (guardians[0], guardians[1]);
        bytes memory data = abi.encodeCall(ProofXVerifier.initialize, (params));
        VERIFIER = ProofXVerifier(address(new ERC1967Proxy(address(new ProofXVerifier()), data)));
    }

    /// @notice Lets up to 12 days go by.
    function wait(uint32 time) external {
        _now += time % 12 days;
        VM.warp(_now);
    }

    /// @notice A guardian tries to pause.
    function guardianPause(bool which) external {
        VM.warp(_now);
        VM.prank(guardians[which ? 1 : 0]);
        try VERIFIER.pause() {
            _starts.push(_now);
            _ends.push(VERIFIER.pausedUntil());
        } catch {} // solhint-disable-line no-empty-blocks
    }

    /// @notice The admin takes over whatever runs.
    function adminPause() external {
        VM.warp(_now);
        VERIFIER.pause();
        _closeDiary();
    }

    /// @notice The admin ends whatever runs.
    function unpause() external {
        VM.warp(_now);
        if (!VERIFIER.paused()) return;
        VERIFIER.unpause();
        _closeDiary();
    }

    /// @notice The admin gives a guardian its right back.
    function rearm(bool which) external {
        address guardian = guardians[which ? 1 : 0];
        if (VERIFIER.guardianSpent(guardian)) VERIFIER.rearmGuardian(guardian);
    }

    /// @notice The most seconds of guardians' pauses in any 30 days that begin or end with one.
    function mostIn30Days() external view returns (uint256 most) {
        for (uint256 i = 0; i < _starts.length; ++i) {
            most = _max(most, _pausedIn(_starts[i], _starts[i] + 30 days));
            if (_ends[i] > 30 days) most = _max(most, _pausedIn(_ends[i] - 30 days, _ends[i]));
        }
    }

    /// @notice Seconds until the present pause runs out.
    function remaining() external view returns (uint256) {
        uint256 until = VERIFIER.pausedUntil();
        return until > _now ? until - _now : 0;
    }

    function _closeDiary() private {
        uint256 last = _ends.length;
        if (last != 0 && _ends[last - 1] > _now) _ends[last - 1] = _now;
    }

    function _pausedIn(uint256 from, uint256 to) private view returns (uint256 total) {
        for (uint256 i = 0; i < _starts.length; ++i) {
            uint256 start = _max(_starts[i], from);
            uint256 end = _ends[i] < to ? _ends[i] : to;
            if (end > start) total += end - start;
        }
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}

/// @title Invariants of pausing, whoever does what when
contract PauseBudgetInvariants {
    PauseDriver private _driver;

    function setUp() public {
        _driver = new PauseDriver();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_driver);
    }

    /// @notice No 30 days hold more than 7 days of guardians' pauses.
    function invariant_guardiansPauseAtMost7DaysIn30() public view {
        require(_driver.mostIn30Days() <= 7 days, "the guardians' budget was exceeded");
    }

    /// @notice Every pause runs out within 30 days.
    function invariant_noPauseIsLongerThan30Days() public view {
        require(_driver.remaining() <= 30 days, "a pause is too long");
    }
}
