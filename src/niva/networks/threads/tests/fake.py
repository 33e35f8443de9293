"""An account of Threads on loopback: containers, posts, chains, answers, numbers, sign-in.

Written after the pages named in manifest.toml; what it hears and says is held against the description.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from niva.networks.base.graph_fake import Asked, FakeGraph, Said, Told, names_of
from niva.networks.base.inbox import MessageKind
from niva.networks.threads.tests import contract

ME: Final = "31000000000000001"
V: Final = "/v1.0"


class FakeThreads(FakeGraph):
    """`slow`: how often a container says that it is in progress; `fails`: its error. `every`: all posts,
    also answers."""

    token = "THAAfakeKeyForTests0123456789"

    def __init__(self) -> None:
        super().__init__()
        self.containers: dict[str, Told] = {}
        self.every: list[Told] = []
        self.mentions: list[Told] = []
        self.slow, self.fails, self.quota, self.serial_key = 0, "", 250, 0
        self.no_insights = False
        self.settings: Told = {
            "id": ME, "username": "ferma.niva", "name": "Ферма «Нива»", "is_verified": True,
            "threads_biography": "Зерно и мёд", "threads_profile_picture_url": "https://scontent.example/a.jpg",
        }  # fmt: skip
        self.call("POST", "/me/threads", self.contain, quiet=True)
        self.call("POST", "/me/threads_publish", self.publish, creates=True)
        self.call("GET", "/me/threads", self.list_posts)
        self.call("GET", "/me/replies", self.list_replies)
        self.call("GET", "/me/mentions", self.list_mentions)
        self.call("GET", "/me/threads_insights", self.account_insights)
        self.call("GET", "/me/threads_publishing_limit", self.limit)
        self.call("GET", "/me", self.me)
        self.call("GET", "/{thread_id}/insights", self.insights)
        self.call("GET", "/{thread_id}/conversation", self.conversation)
        self.call("GET", "/{container_id:8\\d+}", self.show_container, quiet=True)
        self.call("GET", "/{thread_id}", self.show)
        self.call("DELETE", "/{thread_id}", self.delete)
        self.call("POST", "/oauth/access_token", self.give_token, version="", open_to_all=True, quiet=True)
        self.call("GET", "/access_token", self.lengthen, version="", open_to_all=True, quiet=True)
        self.call("GET", "/refresh_access_token", self.renew, version="", open_to_all=True, quiet=True)

    def call(
        self,
        method: str,
        path: str,
        handler: Callable[[Asked], Told],
        *,
        version: str = V,
        creates: bool = False,
        quiet: bool = False,
        open_to_all: bool = False,
    ) -> None:
        """An edge whose calls and replies are held against the description."""
        plain = path.replace(":8\\d+", "")

        def checked(asked: Asked) -> Told:
            asked.id = next(iter(asked.request.match_info.values()), "")
            told = handler(asked)
            if contract.given():
                self.violations += contract.faults(method.lower(), plain, asked.sent, told)
            return told

        self.on(
            method, f"{version}{path}", "", "", checked, creates=creates, quiet=quiet, open_to_all=open_to_all
        )

    @property
    def posts(self) -> list[Told]:
        return [one for one in self.every if not one["to"]]

    @property
    def answers(self) -> list[Told]:
        return [one for one in self.every if one["to"] and one["who"] == ME]

    def forget(self) -> None:
        self.every.remove(self.posts[-1])

    # --- containers ---

    def contain(self, asked: Asked) -> Told:
        sent = asked.sent
        children = [one for one in sent.get("children", "").split(",") if one]
        assert not children or 2 <= len(children) <= 20
        assert all(self.containers[child]["sent"]["is_carousel_item"] == "true" for child in children)
        if len(sent.get("text", "")) > 500:
            raise Said(100, "Param text must be at most 500 characters long.")
        if "poll_attachment" in sent:
            assert sent["media_type"] == "TEXT" and 2 <= len(asked.json("poll_attachment")) <= 4
        if sent["media_type"] in ("IMAGE", "VIDEO"):
            assert sent[f"{sent['media_type'].lower()}_url"].startswith("https://")
        if sent.get("reply_to_id"):
            self._post(sent["reply_to_id"])
        count = len(children) or int(sent["media_type"] != "TEXT")
        made = f"8{self.next_id()}"
        self.containers[made] = {"sent": sent, "files": count, "left": self.slow, "state": ""}
        return {"id": made}

    def show_container(self, asked: Asked) -> Told:
        one = self.containers[asked.id]
        word = one["state"] or ("IN_PROGRESS" if one["left"] else "FINISHED")
        one["left"] = max(0, one["left"] - 1)
        if self.fails:
            return {"id": asked.id, "status": "ERROR", "error_message": self.fails}
        return {"id": asked.id, "status": word}

    def publish(self, asked: Asked) -> Told:
        one = self.containers.get(asked.sent["creation_id"])
        if one is None or one["state"] == "EXPIRED":
            raise Said(24, "The requested resource does not exist", 4279009)
        assert one["state"] != "PUBLISHED", "published twice"
        one["state"], sent = "PUBLISHED", one["sent"]
        return {"id": self._keep(sent.get("text", ""), ME, sent.get("reply_to_id", ""), one)["id"]}

    def _keep(self, text: str, who: str, to: str, container: Told | None = None) -> Told:
        made = {
            "id": self.next_id(), "text": text, "who": who, "to": to, "created": self.clock(),
            "media": container["files"] if container else 0, "sent": container["sent"] if container else {},
        }  # fmt: skip
        self.every.append(made)
        return made

    # --- posts ---

    def _post(self, media: str) -> Told:
        found = next((one for one in self.every if one["id"] == media), None)
        if found is None:
            raise Said(100, f"Unsupported get request. Object with ID '{media}' does not exist", 33)
        return found

    def _shown(self, one: Told, asked: Asked) -> Told:
        kinds = {"TEXT": "TEXT_POST", "CAROUSEL": "CAROUSEL_ALBUM"}
        media_type = one["sent"].get("media_type", "TEXT")
        inside = [{"id": f"{one['id']}{n}"} for n in range(one["media"])]
        found = {
            "id": one["id"], "text": one["text"] or None, "timestamp": self.stamp(one["created"]),
            "media_type": kinds.get(media_type, media_type),
            "permalink": f"https://www.threads.net/@ferma.niva/post/{one['id']}",
            "children": {"data": inside} if len(inside) > 1 else None,
            "username": "ferma.niva" if one["who"] == ME else "olga",
            "replied_to": {"id": one["to"]} if one["to"] else None,
            "is_reply_owned_by_me": one["who"] == ME if one["to"] else None,
            "poll_attachment": {"total_votes": 17} if "poll_attachment" in one["sent"] else None,
        }  # fmt: skip
        names = names_of(asked.sent.get("fields", "id"))
        return {name: value for name, value in found.items() if name in names and value is not None}

    def show(self, asked: Asked) -> Told:
        return self._shown(self._post(asked.id), asked)

    def delete(self, asked: Asked) -> Told:
        self.every.remove(self._post(asked.id))
        return {"success": True, "deleted_id": asked.id}

    def _list(self, found: list[Told], asked: Asked) -> Told:
        since = int(asked.sent.get("since", "0"))
        newest = [one for one in reversed(found) if one["created"].timestamp() >= since]
        return self.page([self._shown(one, asked) for one in newest], asked.sent)

    def list_posts(self, asked: Asked) -> Told:
        return self._list(self.posts, asked)

    def list_replies(self, asked: Asked) -> Told:
        return self._list(self.answers, asked)

    def conversation(self, asked: Asked) -> Told:
        below, found = {self._post(asked.id)["id"]}, []
        for one in self.every:
            if one["to"] in below:
                below.add(one["id"])
                found.append(one)
        return self._list(found, asked)

    def list_mentions(self, asked: Asked) -> Told:
        return self._list(self.mentions, asked)

    def say(self, kind: MessageKind, text: str, post: str) -> None:
        self.say_at(kind, text, post, self.clock())

    def say_at(self, kind: MessageKind, text: str, post: str, at: datetime) -> None:
        if kind == "comment":
            self._keep(text, "olga", post)["created"] = at
        else:
            self.mentions.append({"id": self.next_id(), "text": text, "who": "olga", "to": "", "created": at,
                                  "media": 0, "sent": {}})  # fmt: skip

    # --- the account ---

    def me(self, asked: Asked) -> Told:
        names = names_of(asked.sent["fields"])
        return {name: value for name, value in self.settings.items() if name in names}

    def limit(self, asked: Asked) -> Told:
        config = {"quota_total": self.quota, "quota_duration": 86400}
        return {"data": [{"quota_usage": len(self.posts), "config": config}]}

    def _counted(self, counts: dict[str, Any], asked: Asked) -> Told:
        if self.no_insights:
            raise Said(10, "Application does not have permission for this action")
        names = asked.sent["metric"].split(",")
        return {"data": [{"name": name, "period": "lifetime", **counts[name]} for name in names]}

    def insights(self, asked: Asked) -> Told:
        self._post(asked.id)
        counts = {"views": 55, "likes": 9, "replies": 2, "reposts": 3, "quotes": 1}
        return self._counted({name: {"values": [{"value": n}]} for name, n in counts.items()}, asked)

    def account_insights(self, asked: Asked) -> Told:
        return self._counted({"followers_count": {"total_value": {"value": 410}}}, asked)

    # --- signing in ---

    def give_token(self, asked: Asked) -> Told:
        if asked.sent["code"] != "good-code":
            raise Said(100, "This authorization code has been used")
        return {"access_token": "THAAshort", "user_id": ME}

    def lengthen(self, asked: Asked) -> Told:
        assert (asked.sent["access_token"], asked.sent["client_secret"]) == ("THAAshort", "app-secret")
        return {"access_token": self.token, "token_type": "bearer", "expires_in": 5_184_000}

    def renew(self, asked: Asked) -> Told:
        if self.dead or asked.sent["access_token"] != self.token:
            raise Said(190, "Session has expired", 463)
        self.serial_key += 1
        self.token = f"THAArenewed{self.serial_key}key0123456789"
        return {"access_token": self.token, "token_type": "bearer", "expires_in": 5_184_000}
