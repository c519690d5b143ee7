"""Which addresses on the network may be called when somebody else supplied the name.

Sources: the IANA special-purpose address registries for IPv4 (RFC 6890 and updates) and IPv6. Python's
`ipaddress.is_private` is not enough: it lets 100.64.0.0/10, 6to4 and NAT64 through, behind which private
addresses hide.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_NOT_PUBLIC_4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and the metadata services of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)

# Only global unicast is ever routed on the public net: loopback, link-local, unique-local, multicast, mapped
# IPv4 (::ffff:0:0/96) and NAT64 (64:ff9b::/96, 64:ff9b:1::/48) all lie outside of it.
_GLOBAL_UNICAST_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments, Teredo, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries any IPv4 address, private ones too
        "3fff::/20",  # documentation
    )
)


def is_public(address: str) -> bool:
    """Whether the numeric address (an IPv6 scope is dropped) is an ordinary host of the public internet."""
    parsed = _plain(address)
    if isinstance(parsed, IPv4Address):
        return not any(parsed in block for block in _NOT_PUBLIC_4)
    return parsed in _GLOBAL_UNICAST_6 and not any(parsed in block for block in _NOT_PUBLIC_6)


def is_loopback(address: str) -> bool:
    """Whether the numeric address is this very machine."""
    return _plain(address).is_loopback


def _plain(address: str) -> Address:
    return ip_address(address.partition("%")[0])
