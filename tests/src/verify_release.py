"""Verifies release metadata as docs/FORMAT.md describes it, with nothing but Python's standard library: another client, which
shares no code with ekiben's.

    verify_release.py FOLDER ROOT-1.json CHANNEL NOW

prints the versions that may be installed, and ends with 1 if the metadata is refused."""

import base64
import hashlib
import json
import pathlib
import sys

# Ed25519 (RFC 8032, 5.1): the field, the curve's constant, the order of the group, and the base point.
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493


def point(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not a point of the curve")
    return (P - x if x & 1 != sign else x, y)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P)


def times(number, of):
    result = (0, 1)
    while number:
        if number & 1:
            result = add(result, of)
        of, number = add(of, of), number >> 1
    return result


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def has_signed(key, signature, message):
    scalar = int.from_bytes(signature[32:], "little")
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    try:
        return scalar < ORDER and times(scalar, BASE) == add(point(signature[:32]), times(challenge, point(key)))
    except ValueError:
        return False


def require(root, file):
    """The file's bytes, if enough of the root's keys have signed them."""
    content, signed = file.read_bytes(), set()
    lines = pathlib.Path(f"{file}.minisig").read_text().splitlines()
    keys = {base64.b64decode(key)[10:] for key in root["keys"]}
    for _, first, trusted, second in zip(*[iter(lines)] * 4):
        first, second = base64.b64decode(first), base64.b64decode(second)
        comment = trusted.removeprefix("trusted comment: ").encode()
        for key in keys - signed if first[:2] == b"ED" else ():
            hashed = hashlib.blake2b(content).digest()
            if has_signed(key, first[10:], hashed) and has_signed(key, second, first[10:] + comment):
                signed.add(key)
    if len(signed) < root["threshold"]:
        sys.exit(f"{file.name}: {len(signed)} of the known keys have signed it, and {root['threshold']} must")
    return json.loads(content)


def main(folder, first, name, now):
    folder, root = pathlib.Path(folder), json.loads(pathlib.Path(first).read_bytes())
    file = folder / f"{name}.json"
    for number in range(root["number"] + 1, json.loads(file.read_bytes())["root"] + 1):
        later = folder / f"root/{number}.json"
        following = require(root, later)
        require(following, later)
        if (following["kind"], following["app"], following["number"]) != ("root", root["app"], number):
            sys.exit(f"{later.name}: it is another file")
        root = following
    channel = require(root, file)
    expected = (1, "channel", root["app"], name, root["number"])
    if tuple(channel[key] for key in ("format", "kind", "app", "channel", "root")) != expected:
        sys.exit(f"{file.name}: it is another file")
    if channel["expires"] <= int(now):
        sys.exit(f"{file.name}: it expired")
    for release in channel["releases"]:
        if release["version"] not in channel.get("withdrawn", []):
            print(release["version"], *sorted(release["files"]))


main(*sys.argv[1:])
