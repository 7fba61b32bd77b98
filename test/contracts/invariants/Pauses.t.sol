// SPDX-License-Identifier: GPL-3.0-only
pragma solidity 0.8.37;

import {Campaign, World} from "./World.sol";

/// @notice Two guardians and an admin who pause and resume, with a diary of when guardians' pauses were in force.
contract PauseHandler is World {
    struct Entry {
        uint256 from;
        uint256 to;
    }

    /// @dev Guardians' pauses, oldest first. What ended long ago is dropped: `_first` is the first that matters.
    Entry[] private _diary;
    uint256 private _first;
    /// @notice What a guardian may do more often than the admin lets it.
    mapping(uint256 guardian => bool) private _armed;

    constructor() {
        _armed[GUARDIAN] = _armed[OTHER_GUARDIAN] = true;
    }

    /// @inheritdoc World
    function actions() public pure override returns (string[] memory all) {
        all = new string[](4);
        (all[0], all[1], all[2], all[3]) = ("guardian pause", "admin pause", "unpause", "re-arm");
    }

    /// @notice Up to two days go by.
    function wait(uint256 seed) external {
        time += _spread(seed) % 2 days;
    }

    /// @notice Up to twelve days go by.
    function waitLong(uint256 seed) external {
        time += _spread(seed) % 12 days;
    }

    /// @notice A guardian tries to pause.
    function guardianPause(bool other) external {
        _forget();
        uint256 who = other ? OTHER_GUARDIAN : GUARDIAN;
        bool ok = _send(who, address(VERIFIER), abi.encodeCall(VERIFIER.pause, ()));
        _note("guardian pause", ok);
        if (!ok) return;
        _mustHold(7, _armed[who], "a guardian paused twice without being re-armed");
        _armed[who] = false;
        _diary.push(Entry(time, VERIFIER.pausedUntil()));
        _mustHold(7, mostIn30Days() <= 7 days, "the guardians' budget was exceeded");
    }

    /// @notice The admin takes over whatever runs.
    function adminPause(uint256 seed) external {
        if (_spread(seed) % 4 != 0) return;
        bool ok = _send(ADMIN, address(VERIFIER), abi.encodeCall(VERIFIER.pause, ()));
        _note("admin pause", ok);
        if (ok) _closeDiary();
    }

    /// @notice The admin ends whatever runs.
    function unpause() external {
        bool ok = _send(ADMIN, address(VERIFIER), abi.encodeCall(VERIFIER.unpause, ()));
        _note("unpause", ok);
        if (ok) _closeDiary();
    }

    /// @notice The admin gives a guardian its right back.
    function rearm(bool other) external {
        uint256 guardian = other ? OTHER_GUARDIAN : GUARDIAN;
        bool ok = _send(ADMIN, address(VERIFIER), abi.encodeCall(VERIFIER.rearmGuardian, (people[guardian])));
        _note("re-arm", ok);
        if (ok) _armed[guardian] = true;
    }

    /// @notice The most seconds of guardians' pauses in any 30 days that begin or end with one.
    function mostIn30Days() public view returns (uint256 most) {
        for (uint256 i = _first; i < _diary.length; ++i) {
            most = _max(most, _pausedIn(_diary[i].from, _diary[i].from + 30 days));
            most = _max(most, _pausedIn(_diary[i].to - 30 days, _diary[i].to));
        }
    }

    /// @notice Seconds until the present pause runs out.
    function remaining() external view returns (uint256) {
        uint256 until = VERIFIER.pausedUntil();
        return until > time ? until - time : 0;
    }

    /// @dev Two months back is enough for every window that can still grow.
    function _forget() private {
        while (_first < _diary.length && _diary[_first].to + 60 days < time) {
            ++_first;
        }
    }

    function _closeDiary() private {
        uint256 last = _diary.length;
        if (last != 0 && _diary[last - 1].to > time) _diary[last - 1].to = time;
    }

    function _pausedIn(uint256 from, uint256 to) private view returns (uint256 total) {
        for (uint256 i = _first; i < _diary.length; ++i) {
            uint256 start = _max(_diary[i].from, from);
            uint256 end = _diary[i].to < to ? _diary[i].to : to;
            if (end > start) total += end - start;
        }
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}

/// @title How long attesting can be paused, whoever pauses and resumes when
/// @dev Numbers are those of docs/invariants.md.
contract PauseInvariants is Campaign {
    PauseHandler private _handler;

    function setUp() public {
        _handler = new PauseHandler();
        _world = _handler;
    }

    /// @notice No 30 days hold more than 7 days of guardians' pauses, and every pause runs out within 30 days.
    function invariant_INV7_guardiansPauseAtMost7DaysIn30() public view {
        _requireNoBreach(7);
        require(_handler.mostIn30Days() <= 7 days, "the guardians' budget was exceeded");
        require(_handler.remaining() <= 30 days, "a pause is too long");
    }
}
