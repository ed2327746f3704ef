"""The guards of the product: the identity firewall, the call, sign-in, bookings."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

DISCLOSURE = "scheduler/domain/disclosure.py"
CALL = "scheduler/reconcile/call.py"
RECONCILER = "scheduler/reconcile/reconciler.py"
GATEWAY = "scheduler/google/calendar.py"
IDENTITY = "scheduler/web/identity.py"
MAILS = "scheduler/commands/mails.py"

IN_DISCLOSURE = ("tests/domain/test_disclosure.py",)
IN_IDENTITY = ("tests/web/test_identity.py",)

MUTANTS = (
    # -- the identity firewall ----------------------------------------------------------------
    Mutant(
        name="disclosure: the tripwire of the candidate event",
        file=DISCLOSURE,
        text='    refuse_mentions({"public title or notes": list(_texts(body))}, withheld)\n',
        instead="",
        tests=IN_DISCLOSURE,
    ),
    Mutant(
        name="disclosure: names are found whatever their case",
        file=DISCLOSURE,
        text="    fold = _plain if is_single else _folded\n",
        instead="    fold = _plain\n",
        tests=IN_DISCLOSURE,
    ),
    Mutant(
        name="disclosure: only release() seals",
        file=DISCLOSURE,
        text="        if _key is not _RELEASED:\n",
        instead="        if False:\n",
        tests=IN_DISCLOSURE,
    ),
    Mutant(
        name="disclosure: the candidate event hides its guests",
        file=DISCLOSURE,
        text='        "guestsCanSeeOtherGuests": False,\n',
        instead='        "guestsCanSeeOtherGuests": True,\n',
        tests=IN_DISCLOSURE,
    ),
    Mutant(
        name="disclosure: our tags are private",
        file=DISCLOSURE,
        text='        "extendedProperties": {"private": event.marks.as_properties()},\n',
        instead='        "extendedProperties": {"shared": event.marks.as_properties()},\n',
        tests=IN_DISCLOSURE,
    ),
    Mutant(
        name="gateway: a candidate event is a sealed payload",
        file=GATEWAY,
        text="    if not isinstance(payload, SealedPayload):\n",
        instead="    if False:\n",
        tests=("tests/google/test_calendar.py",),
    ),
    Mutant(
        name="mails: the tripwire of mails to candidates",
        file=MAILS,
        text="    _refuse_leaks(letter, withheld_names(booking))\n",
        instead="",
        tests=("tests/reconcile/test_mails.py",),
    ),
    # -- the call -----------------------------------------------------------------------------
    Mutant(
        name="call: the candidate is invited last",
        file=CALL,
        text="    payload = release(call.candidate_event(conference, guest=None), call.withheld)\n",
        instead="    payload = release(call.candidate_event(conference, guest=call.guest), call.withheld)\n",
        tests=("tests/reconcile/test_call.py::TestBooking",),
    ),
    Mutant(
        name="call: the conference is read back",
        file=CALL,
        text="    return room.conference is None or room.conference.is_same_as(seen.conference)\n",
        instead="    return True\n",
        tests=("tests/reconcile/test_call.py::TestConference",),
    ),
    Mutant(
        name="call: a copy asks for no second room",
        file="scheduler/domain/events.py",
        text='    copy = {key: value for key, value in data.items() if key != "createRequest"}\n',
        instead="    copy = dict(data)\n",
        tests=("tests/domain/test_events.py", "tests/reconcile/test_call.py::TestBooking"),
    ),
    Mutant(
        name="call: a swap leaves the candidate event alone",
        file=CALL,
        text="    event = call.candidate_event(given, call.guest)\n    payload",
        instead="    event = call.candidate_event(room.given, call.guest)\n"
        "    seen = ObservedEvent({**seen.resource, 'summary': ''})\n    payload",
        tests=("tests/reconcile/test_call.py::TestSwap",),
    ),
    Mutant(
        name="call: only events of this installation are touched",
        file=CALL,
        text="    return seen.marks == marks\n",
        instead="    return True\n",
        tests=("tests/reconcile/test_ids.py",),
    ),
    Mutant(
        name="call: nobody is mailed twice about one change",
        file=CALL,
        text="change.send_updates(told) if times == 0 else SendUpdates.NONE",
        instead="change.send_updates(told)",
        tests=("tests/reconcile/test_patches.py",),
    ),
    Mutant(
        name="gateway: a write names the etag it was decided on",
        file=GATEWAY,
        text="        _only_if(request, if_match)\n        return",
        instead="        return",
        tests=("tests/google/test_calendar.py",),
    ),
    Mutant(
        name="reconciler: one worker at a time for a booking",
        file=RECONCILER,
        text="        if not connection.scalar(select(func.pg_try_advisory_lock(BOOKING_LOCKS, booking_id))):\n",
        instead="        if False:\n",
        tests=("tests/reconcile/test_sweeps.py::TestOneAtATime",),
    ),
    Mutant(
        name="mails: one mail for each digest of what is told",
        file=MAILS,
        text="    is_old = digest == booking.told_digest or booking.desired_revision != revision\n",
        instead="    is_old = booking.desired_revision != revision\n",
        tests=(
            "tests/reconcile/test_call.py::TestSwap",
            "tests/reconcile/test_call.py::TestBooking",
        ),
    ),
    Mutant(
        name="freebusy: an error inside the answer is not free",
        file="scheduler/google/freebusy.py",
        text='    if entry.get("errors"):\n',
        instead="    if False:\n",
        tests=("tests/google/test_freebusy.py",),
    ),
    # -- bookings -----------------------------------------------------------------------------
    Mutant(
        name="bookings: nobody sits in two places at once (EXCLUDE)",
        file="migrations/versions/0001_the_first_tables.py",
        text="""        postgresql.ExcludeConstraint(
            (sa.column("interviewer_id"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("state = 'live'"),
            using="gist",
            name="ex_seat_one_place_at_a_time",
        ),
""",
        instead="",
        tests=("tests/models/test_bookings.py",),
    ),
    Mutant(
        name="bookings: a colleague's lock is waited for",
        file="scheduler/commands/bookings.py",
        text="        .order_by(InterviewerRow.id)\n        .with_for_update(key_share=True)\n",
        instead="",
        tests=("tests/commands/test_interleavings.py::TestBook",),
    ),
    Mutant(
        name="bookings: only words that were looked at are sent",
        file="scheduler/commands/bookings.py",
        text="    if words.version != version:\n",
        instead="    if False:\n",
        tests=("tests/web/test_booking_words.py",),
    ),
    Mutant(
        name="bookings: no room is chosen that names the panel",
        file="scheduler/commands/bookings.py",
        text="        if leaks.names_panel(db.session.get_one(RoomRow, room_id), booking):\n",
        instead="        if False:\n",
        tests=("tests/web/test_booking_rooms.py",),
    ),
    Mutant(
        name="plans: words that nobody has looked at are not put back",
        file="scheduler/commands/plans.py",
        text="    if version is not None and version != words_version(stage_id):\n",
        instead="    if False:\n",
        tests=("tests/web/test_admin_plans.py",),
    ),
    Mutant(
        name="keys: what is sealed opens in its place only",
        file="scheduler/keys.py",
        text="raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.associated_data(key_id)",
        instead="raw[:NONCE_BYTES], raw[NONCE_BYTES:], b''",
        tests=("tests/test_keys.py",),
    ),
    # -- signing in ---------------------------------------------------------------------------
    Mutant(
        name="sign-in: PKCE",
        file="scheduler/web/issuer.py",
        text='    return redirect(request["url"], 303)\n',
        instead='    return redirect(request["url"].replace("code_challenge", "unused"), 303)\n',
        tests=("tests/web/test_auth.py::test_the_issuer_is_asked_with_pkce_state_and_nonce",),
    ),
    Mutant(
        name="sign-in: RS256 and nothing else",
        file="scheduler/web/issuer.py",
        text='        registry = JWSRegistry(algorithms=["RS256"], strict_check_header=False)\n',
        instead='        registry = JWSRegistry(algorithms=["RS256", "RS512"], strict_check_header=False)\n',
        tests=("tests/web/test_issuer.py",),
    ),
    Mutant(
        name="sign-in: the nonce",
        file=IDENTITY,
        text='    _expect("nonce", bool(nonce) and claims.get("nonce") == nonce)\n',
        instead="",
        tests=IN_IDENTITY,
    ),
    Mutant(
        name="sign-in: the hosted domain",
        file=IDENTITY,
        text='    if claims.get("hd") != domain or domain not in allowed_domains:\n',
        instead="    if domain not in allowed_domains:\n",
        tests=IN_IDENTITY,
    ),
    Mutant(
        name="sign-in: the allowed domains",
        file=IDENTITY,
        text='    if claims.get("hd") != domain or domain not in allowed_domains:\n',
        instead='    if claims.get("hd") != domain:\n',
        tests=IN_IDENTITY,
    ),
    Mutant(
        name="sign-in: a verified address",
        file=IDENTITY,
        text='    if claims.get("email_verified") is not True:\n',
        instead='    if not claims.get("email_verified"):\n',
        tests=IN_IDENTITY,
    ),
    Mutant(
        name="sign-in: the audience",
        file=IDENTITY,
        text='    _expect("aud", claims.get("aud") in (client_id, [client_id]))\n',
        instead="",
        tests=IN_IDENTITY,
    ),
    Mutant(
        name="sign-in: the issuer",
        file=IDENTITY,
        text='    _expect("iss", claims.get("iss") == issuer)\n',
        instead="",
        tests=IN_IDENTITY,
    ),
)
