"""Columns whose texts can be a MiB each: inputs, outputs, sections. No row is read with them.

A page of 200 rows would hold 200 MiB. So their lengths are looked at first, and what an answer has
no room for is not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tortoise import Model
from tortoise.expressions import RawSQL

from models.database import dialect
from resolvers.answer_size import AnswerSize

#: Bytes of a text that is read with its length, in one statement: of MAX_BATCH ids 8 MiB.
SHORT_BYTES = 8 * 1024

#: Bytes of a column. PostgreSQL knows them without unpacking the text; SQLite before 3.43 has no
#: octet_length.
_LENGTHS = {"sqlite": "LENGTH(CAST({0} AS BLOB))", "postgres": "OCTET_LENGTH({0})"}


async def texts_of(
    model: type[Model], column: str, ids: Sequence[UUID], size: AnswerSize
) -> list[str | None]:
    """The column's texts, in the order of the ids; None for null, and for rows that are gone.

    One statement, and one more where some are long. Raises AnswerTooLarge before it reads these.
    """
    length = _LENGTHS[dialect()].format(column)
    short = f"CASE WHEN {length} <= {SHORT_BYTES} THEN {column} END"
    rows = model.filter(pk__in=ids).annotate(length=RawSQL(length), short=RawSQL(short))
    found = await rows.values_list("id", "length", "short")
    size.read(sum(length or 0 for _, length, _ in found))
    texts = {key: text for key, _, text in found}
    if long := [key for key, length, text in found if text is None and length is not None]:
        texts |= dict(await model.filter(pk__in=long).values_list("id", column))
    return [texts.get(key) for key in ids]
