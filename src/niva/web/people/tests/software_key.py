"""A passkey in software: what a phone or a stick does, as far as a server can see (WebAuthn level 2)."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


class SoftwareKey:
    """One credential for one site."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.origin = f"http://{site}"
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.uses = 0

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `navigator.credentials.create`."""
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = AuthenticatorData.create(
            hashlib.sha256(self.site.encode()).digest(), PRESENT | VERIFIED | WITH_KEY, 0, credential
        )
        attestation = AttestationObject.create("none", data, {})
        return self._answer(
            {
                "clientDataJSON": websafe_encode(self._client("webauthn.create", options)),
                "attestationObject": websafe_encode(bytes(attestation)),
            },
            {"credProps": {"rk": True}},
        )

    def get(self, options: dict[str, Any], user_handle: str) -> dict[str, Any]:
        """The answer to `navigator.credentials.get`."""
        self.uses += 1
        data = AuthenticatorData.create(
            hashlib.sha256(self.site.encode()).digest(), PRESENT | VERIFIED, self.uses
        )
        client = self._client("webauthn.get", options)
        signed = bytes(data) + hashlib.sha256(client).digest()
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(bytes(data)),
                "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
                "userHandle": user_handle,
            },
            {},
        )

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        challenge = options["publicKey"]["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str], extensions: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(self.id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": extensions,
        }
