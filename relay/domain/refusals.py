"""Why the relay refuses a move: each reason with its code and what the person does next."""

from keys.errors import Refused


class IllegalMove(Refused):
    """An item in this state cannot be moved that way."""

    code = "illegal_move"
    cure = "Reload the item, look at its state, and choose one of the moves that state allows."


class StaleStatement(Refused):
    """The statement names an older event than the item's last one."""

    code = "stale_statement"
    cure = "Reload the item, check that the decision still holds, and sign again over the newest event."


class PartsDiffer(Refused):
    """The statement's parts are not those that the item has, or shall have, after this move."""

    code = "parts_differ"
    cure = "Reload the item and sign over the parts it lists; only a move that reseals may replace part 0."


class WrongRole(Refused):
    """The signer has no role that allows this."""

    code = "wrong_role"
    cure = "Ask a colleague who has the role, or ask the operators to give it to you in the next directory."


class WrongDesk(Refused):
    """The signer does not belong to the desk where this item is."""

    code = "wrong_desk"
    cure = "Leave the item to the desk that has it, or ask the operators to add you to that desk."


class SuspendedKey(Refused):
    """The signer's key has been suspended."""

    code = "key_suspended"
    cure = "Speak with an operator in person; a suspended key cannot be used again."


class OtherKey(Refused):
    """The signer has another key in the directory in force."""

    code = "other_key"
    cure = "Fetch the newest directory, sign in again, and sign with your current key."


class AlreadyClaimed(Refused):
    """Another reviewer has claimed this item, and the claim still runs."""

    code = "already_claimed"
    cure = "Take other letters; this one comes back to the line if the claim lapses."


class ClaimLost(Refused):
    """This item is not claimed by the signer, or somebody has claimed it since."""

    code = "claim_lost"
    cure = "Your work is kept on your device; ask whoever has the claim now, or claim it again when it is free."


class Barred(Refused):
    """Whoever proposed to withhold an item does not decide it again."""

    code = "barred_from_item"
    cure = "Leave this item to another reviewer."


class SecondPersonRequired(Refused):
    """Whoever proposed to withhold an item cannot confirm or overturn it."""

    code = "second_person_required"
    cure = "Another person of the desk has to confirm or overturn it."


class SeniorRequired(Refused):
    """This item was escalated, so only a senior reviewer may claim it."""

    code = "senior_required"
    cure = "Leave it to a senior reviewer of the desk."


class OutOfTurn(Refused):
    """An earlier letter of the same line is still waiting."""

    code = "out_of_turn"
    cure = "Claim the earlier letters of that family with it, or reload the line."


class TooManyClaims(Refused):
    """A reviewer holds letters of a few detainees only, and a few letters of each."""

    code = "too_many_claims"
    cure = "Decide or release some of the letters you hold, then claim more."


class PaperRequired(Refused):
    """A desk without computers hands over on signed paper, and the scan is missing."""

    code = "paper_required"
    cure = "Scan the signed sheet, upload it sealed, and name its digest in the statement."


class WrongDestination(Refused):
    """The item cannot go from here to where the statement sends it."""

    code = "wrong_destination"
    cure = "Fetch the newest directory and register, and reseal to the desk where the addressee is."


class WrongBag(Refused):
    """The item is not in that bag."""

    code = "wrong_bag"
    cure = "Check the number on the bag's cover against the list, and sign again."


class EpochOver(Refused):
    """The letter is sealed to a key of its desk that is no longer accepted."""

    code = "epoch_over"
    cure = "Fetch the newest directory and seal the letter again to the desk's current key."


class MovedSince(Refused):
    """This item has been moved since it was shown to its family."""

    code = "moved_since"
    cure = "Look at the item again; it can be withdrawn only while it is shown as accepted."
