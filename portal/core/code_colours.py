"""Code in a few colours: each part of it in a span whose class portal.css knows, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from markupsafe import Markup, escape
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, Token

LONGEST = 20_000
"""Characters of code beyond which it stays plain: the patterns of a language are not made for whatever is typed."""
LANGUAGES_OF_CODE = re.compile(
    "bash|c|console|cpp|css|diff|docker|go|html|ini|java|javascript|js|json|jsx|kotlin|lua|make|nginx|perl|php|py|python"
    "|r|rb|rst|ruby|rust|scala|sh|shell|sql|swift|toml|ts|tsx|typescript|vim|xml|ya?ml",
    re.IGNORECASE,
)
"""What may stand behind the three signs that begin a block of code; any other word leaves it plain."""
_CLASSES = {
    Comment: "code-comment",
    Keyword: "code-keyword",
    Operator.Word: "code-keyword",
    Name.Tag: "code-keyword",
    Name.Builtin: "code-name",
    Name.Function: "code-name",
    Name.Class: "code-name",
    Name.Decorator: "code-name",
    Name.Attribute: "code-name",
    Name.Variable: "code-name",
    String: "code-string",
    Number: "code-number",
    Keyword.Constant: "code-number",
    Generic.Inserted: "code-added",
    Generic.Deleted: "code-removed",
    Generic.Subheading: "code-comment",
    Generic.Heading: "code-comment",
    Generic.Output: "code-comment",
    Generic.Prompt: "code-comment",
}
CODE_CLASSES = frozenset(_CLASSES.values())


def coloured(code: str, language: str) -> Markup:
    """This code as HTML; without colours where the language is none that we know, or the code very long."""
    if not LANGUAGES_OF_CODE.fullmatch(language) or len(code) > LONGEST:
        return escape(code)
    return Markup("").join(_parts(code, _lexer(language.lower())))


@cache
def _lexer(language: str) -> Lexer:
    # What was typed stays as it was typed: no line is added, stripped or made even.
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


def _parts(code: str, lexer: Lexer) -> Iterator[Markup]:
    written, pending = "", ""
    for kind, text in lexer.get_tokens(code):
        name = _class_of(kind)
        if name != written:
            yield _marked(pending, written)
            written, pending = name, ""
        pending += text
    yield _marked(pending, written)


def _marked(text: str, name: str) -> Markup:
    return Markup('<span class="{}">{}</span>').format(name, text) if name and text else escape(text)


@cache
def _class_of(kind: type[Token]) -> str:
    while kind is not None and kind is not Token:
        if kind in _CLASSES:
            return _CLASSES[kind]
        kind = kind.parent
    return ""
