"""The only bases of our routes and sockets: every check of the security design happens here.

Before any work, in this order: the Host is ours, the caller is known, the Origin is ours, the
caller may do this (action and resource of the verb's guard), the verb exists, a write carries the
XSRF token, its body is JSON and not too long. A body is never read for a caller who was refused.

Every error leaves in the one shape ``{"error": {code, message, field, hint}}``; a bug of ours
leaves as ``internal`` with an id that stands beside the traceback in the log.

Reads: the request. Knows nothing of: experiments, jobs, what is answered.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from urllib.parse import urlsplit

import msgspec
from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado import web
from tornado.httputil import HTTPHeaders
from tornado.websocket import WebSocketHandler

from mlstudio.entities.errors import (
    HTTP_STATUS,
    BadHost,
    BadOrigin,
    BadXsrf,
    Forbidden,
    InvalidField,
    InvalidJson,
    MethodNotAllowed,
    NotFound,
    NotJson,
    StudioError,
    TooLarge,
    Unauthenticated,
)
from mlstudio.entities.wire import ErrorBody, ErrorReply, decode, encode
from mlstudio.server.guards import guard_of, guarded, verbs_of
from mlstudio.server.routes import SETTINGS

if TYPE_CHECKING:
    from mlstudio.jobs import LogChunk
    from mlstudio.server.studio import Studio
    from mlstudio.store.laws import Store

T = TypeVar("T")
READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
RETRY_AFTER: Final = {"store_busy": "1", "store_unreachable": "5", "agent_unavailable": "2"}
"""Seconds after which a client may try again."""


class Door:
    """What routes and sockets check alike. Mixed in before Jupyter's own classes."""

    request: Any
    settings: dict[str, Any]
    current_user: Any

    @property
    def studio(self) -> Studio:
        """The service object that all handlers of one server share."""
        return cast("Studio", self.settings["mlstudio"])

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Decode without raising: tornado would answer 400 before anybody asked who calls."""
        return value.decode("utf-8", "replace")

    def set_cors_headers(self) -> None:
        """Allow no other site, whatever the token: we serve one origin."""

    def check_xsrf_cookie(self) -> None:
        """Ask for the XSRF token of a write that is not authenticated by a token header."""
        handler = cast("JupyterHandler", self)
        if not getattr(self, "_jupyter_current_user", None):
            return  # refused a little later, as unauthenticated
        self.refuse_foreign_origin()
        try:
            super().check_xsrf_cookie()  # type: ignore[misc]
        except web.HTTPError as error:
            raise BadXsrf("The XSRF token is missing or wrong.", hint="Reload the page.") from error
        if handler.token_authenticated or self.settings.get("disable_check_xsrf"):
            return
        if not self.request.headers.get("Origin"):
            raise BadOrigin("A write with a cookie must say where it comes from.")

    def refuse_foreign_origin(self, *, demanded: bool = False) -> None:
        """Raise BadOrigin when the request comes from another site.

        Args:
            demanded: a missing Origin is refused too (sockets: no browser leaves it out).
        """
        origin = self.request.headers.get("Origin") or self.request.headers.get("Sec-Websocket-Origin")
        if not origin:
            if demanded:
                raise BadOrigin("A socket must say where it comes from.", hint="Send an Origin header.")
            return
        try:
            host = urlsplit(origin.lower()).netloc
        except ValueError:
            host = ""
        if host and host == self.request.headers.get("Host", "").lower():
            return
        if origin == self.settings.get("allow_origin"):
            return
        raise BadOrigin(
            "The request comes from another site.",
            hint="Behind a proxy that changes the Host header, set ServerApp.allow_origin to the page's address.",
        )

    async def admit(self) -> None:
        """Refuse whoever may not do this; called when `current_user` is set.

        Raises:
            Unauthenticated, BadOrigin, Forbidden, MethodNotAllowed: in this order.
        """
        if not self.current_user:
            raise Unauthenticated("You are not logged in to this server.")
        self.refuse_foreign_origin(demanded=isinstance(self, WebSocketHandler))
        guard = guard_of(self, self.request.method)
        action, resource = (guard.action, guard.resource) if guard else ("read", SETTINGS)
        if not await self.may(action, resource):
            raise Forbidden("You may not do this.")
        if guard is None:
            raise MethodNotAllowed(
                f"{self.request.method} does not exist here.", hint=f"Use {', '.join(verbs_of(self))}."
            )

    async def may(self, action: str, resource: str) -> bool:
        """Ask Jupyter's authorizer whether the caller may do `action` on `resource`."""
        handler = cast("JupyterHandler", self)
        answer = handler.authorizer.is_authorized(handler, self.current_user, action, resource)
        return bool(await ensure_async(cast("Awaitable[bool]", answer)))

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Answer with the status of the error's code."""
        error = as_studio_error(status_code, kwargs.get("exc_info"), known=bool(self.current_user_or_none()))
        kwargs["studio_error"] = error
        super().send_error(HTTP_STATUS[error.code], **kwargs)  # type: ignore[misc]

    def current_user_or_none(self) -> object:
        """The user when `prepare` has found one; asking `current_user` earlier would look for one."""
        return getattr(self, "_jupyter_current_user", None)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Render the one error shape."""
        handler = cast("JupyterHandler", self)
        error = kwargs["studio_error"]
        if error.code == "internal":
            error = self._internal()
        if error.code == "method_not_allowed":
            handler.set_header("Allow", ", ".join(verbs_of(self)))
        if error.code in RETRY_AFTER:
            handler.set_header("Retry-After", RETRY_AFTER[error.code])
        handler.set_header("Content-Type", "application/json")
        body = ErrorBody(error.code, error.message, error.field, error.hint)
        web.RequestHandler.finish(handler, encode(ErrorReply(body)))

    def _internal(self) -> StudioError:
        number = getattr(self, "_failure", None) or "unknown"
        return StudioError(
            f"mlstudio met a bug of its own (id {number}).",
            hint="The server's log says more under this id; please report it.",
        )

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """Log bugs with an id and a traceback; refusals and bad input in one line, without query strings."""
        log = cast("JupyterHandler", self).log
        where = f"{self.request.method} {self.request.path}"
        if isinstance(value, StudioError) and value.code != "internal":
            log.info("mlstudio: %s: %s", where, value.code)
        elif isinstance(value, web.HTTPError):
            log.info("mlstudio: %s: HTTP %d", where, value.status_code)
        else:
            self._failure = uuid.uuid4().hex[:12]
            log.error("mlstudio: bug %s at %s", self._failure, where, exc_info=value)


def as_studio_error(status: int, exc_info: Any, *, known: bool) -> StudioError:
    """Return what went wrong as one of our errors.

    Args:
        status: HTTP status that tornado chose.
        exc_info: what `sys.exc_info` returned, or None.
        known: the caller is authenticated; an unknown one learns nothing but that.
    """
    error = exc_info[1] if exc_info else None
    if isinstance(error, StudioError):
        return error
    if isinstance(error, web.HTTPError):
        status = error.status_code
    if not known and status < 500:  # tornado refuses odd verbs and paths before it asks who calls
        return Unauthenticated("You are not logged in to this server.")
    made: dict[int, StudioError] = {
        400: InvalidField("The request cannot be read.", field="request"),
        403: Forbidden("You may not do this."),
        404: NotFound("There is nothing at this address."),
        405: MethodNotAllowed("This verb does not exist here."),
    }
    return made.get(status) or StudioError("internal")


@web.stream_request_body
class StudioHandler(Door, APIHandler):
    """Base of every route. Verbs carry `guarded`; they parse, ask the store in a thread, and reply."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse before the body is read."""
        self._body = bytearray()
        if not self.check_host():
            raise BadHost("This server does not answer to that Host name.")
        await super().prepare()
        await self.admit()
        if self.request.method not in READS:
            self._refuse_other_content()
        self._refuse_long_body()

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:
        """Leave the question to `admit`, which answers in our error shape."""
        return True

    def get_login_url(self) -> str:
        """Never redirect: an API says 403."""
        raise Unauthenticated("You are not logged in to this server.")

    def _refuse_other_content(self) -> None:
        headers = self.request.headers
        has_body = headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers
        kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and (kind or has_body):
            raise NotJson(f'The body is "{kind or "of no type"}".', hint='Send Content-Type "application/json".')

    def _refuse_long_body(self) -> None:
        text = self.request.headers.get("Content-Length", "0")
        length = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
        if length > self.studio.max_body:
            raise self._too_large()

    def _too_large(self) -> TooLarge:
        limit = self.studio.max_body
        return TooLarge(
            f"The body is longer than {limit / 1048576:g} MiB.",
            field="body",
            hint="Send less at a time, or raise StudioApp.max_body.",
        )

    def data_received(self, chunk: bytes) -> None:
        """Keep the body up to the limit; answer 413 at once when it is crossed (chunked bodies)."""
        if len(self._body) + len(chunk) <= self.studio.max_body:
            self._body += chunk
        elif not self._finished:
            error = self._too_large()
            self.send_error(413, exc_info=(TooLarge, error, None))

    def body(self, kind: type[T]) -> T:
        """Read the body as a Struct; an empty one counts as ``{}``.

        Raises:
            InvalidJson: `field` says where.
        """
        try:
            return decode(bytes(self._body) or b"{}", kind)
        except InvalidJson as error:
            error.field = error.field or _named_in(error.message) or "body"
            raise

    def query(self, kind: type[T]) -> T:
        """Read the query string as a Struct; unknown keys are ignored, of repeated ones the last counts.

        Raises:
            InvalidField: `field` says which.
        """
        asked = self.request.query_arguments.items()
        known = kind.__struct_fields__  # type: ignore[attr-defined]
        found = {key: self.decode_argument(values[-1]) for key, values in asked if key in known}
        try:
            return msgspec.convert(found, kind, strict=False)
        except msgspec.ValidationError as error:
            text, _, where = str(error).partition(" - at ")
            field = where.strip("`").removeprefix("$.") or _named_in(text) or "query"
            raise InvalidField(f"{text}.", field=field) from None

    async def ask(self, question: Callable[[Store], T]) -> T:
        """Ask the store in a thread of the pool; the event loop never waits for a disk."""
        return await self.studio.ask(question)

    async def answer(self, question: Callable[[Store], object], *, status: int = 200) -> None:
        """Ask the store and send its answer; both asking and encoding happen in the thread."""
        packed = await self.studio.ask(lambda store: encode(question(store)))
        self.set_status(status)
        self.finish(packed)

    def reply(self, answer: object, *, status: int = 200) -> None:
        """Send a Struct as JSON, or nothing at all with ``answer=None, status=204``."""
        self.set_status(status)
        if answer is None:
            self.finish()
        else:
            self.finish(encode(answer))

    def reply_log(self, chunk: LogChunk) -> None:
        """Send a stretch of a log; where it lies stands in headers."""
        self.set_header("X-Offset", str(chunk.offset))
        self.set_header("X-Next-Offset", str(chunk.next_offset))
        self.set_header("X-Dropped-Bytes", str(chunk.dropped))
        self.set_header("X-Total-Bytes", str(chunk.total))
        self.finish(chunk.data, set_content_type="application/octet-stream")

    @guarded("read", SETTINGS)
    async def options(self, *names: str, **more: str) -> None:  # type: ignore[override]
        """Say which verbs exist; to known callers only, and to no other site."""
        self.set_header("Allow", ", ".join(verbs_of(self)))
        self.reply(None, status=204)


def _named_in(message: str) -> str | None:
    """Return the field that msgspec quotes in a message such as "Object missing required field `name`"."""
    return message.split("`")[1] if "field `" in message else None


class StudioSocket(Door, WebSocketMixin, WebSocketHandler, JupyterHandler):
    """Base of every socket: the same checks, and an Origin that must be ours."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse before the upgrade."""
        if not self.check_host():
            raise BadHost("This server does not answer to that Host name.")
        waiting = super().prepare()
        if asyncio.iscoroutine(waiting) or asyncio.isfuture(waiting):
            await waiting
        await self.admit()

    def check_origin(self, origin: str | None = None) -> bool:
        """Leave the question to `admit`, which ran before the upgrade."""
        return True

    def _detach_stream(self) -> Any:
        """Take the connection; tornado would also hang seven methods that refuse on each socket, for 1.5 KiB."""
        return self.detach()

    def lighten(self) -> None:
        """Let go of what only the answer to the upgrade needed; a socket lives for hours."""
        self._headers = HTTPHeaders()
        self.ui = None  # type: ignore[assignment]
        vars(self).pop("_new_cookie", None)
        self.request.connection = None
        vars(self.request).pop("_cookies", None)
        self.__dict__ = dict(vars(self))  # what was added and taken away one by one has much room between
